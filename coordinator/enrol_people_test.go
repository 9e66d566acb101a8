package coordinator

import (
	"strings"
	"testing"
)

// TestInvitePeopleOfNobody: whoever would join in vain, because no institution
// of the charter has them, is not invited.
func TestInvitePeopleOfNobody(t *testing.T) {
	v := newEnrolling(t).invitations(t)
	for name, role := range map[string]string{"board9.approver2": RoleSecond, "board9.fg": RoleOfficer, "asker.fg": RoleOfficer} {
		err := v.Invite(&Invitation{Name: name, Role: role})
		if err == nil || !strings.Contains(err.Error(), "no institution that is invited") {
			t.Errorf("%s: %v", name, err)
		}
		if v.Get(name) != nil {
			t.Errorf("%s is invited", name)
		}
	}
	if err := v.Invite(&Invitation{Name: "board1.fg", Role: RoleOfficer}); err != nil {
		t.Error(err)
	}
}
