package configs
import ("testing";"strings";"time")
func TestDeep(t *testing.T){
 for _, s := range []string{"x = "+strings.Repeat("[",1<<20-10), "x = "+strings.Repeat("{a=",300000), strings.Repeat("a.",500000)+"a=1", strings.Repeat("[[column]]\n",90000), "x='"+strings.Repeat("a",1<<20-10)} {
  a:=time.Now(); _,err:=ParseCodebook([]byte(s)); e:=err.Error(); if len(e)>200 {e=e[:200]}; t.Log(time.Since(a), len(err.Error()), e)
 }}
