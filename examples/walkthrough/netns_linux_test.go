package walkthrough

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// The parties, each with a network of its own: party i has 10.177.0.(i+1).
var parties = []string{"coordinator", "board1", "board2", "board3", "board4", "board5", "board6", "researcher", "auditor"}

// TestNetworkNamespaces types the same commands with every party in a network
// namespace with one address and no loopback, joined by a switch: what crosses
// between parties crosses a network.
func TestNetworkNamespaces(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("NOT TESTED: network namespaces need root; run this test as root to have each party on an address of its own")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("NOT TESTED: there is no `ip` command (Debian: iproute2); each party on an address of its own was not tried")
	}
	prefix := fmt.Sprintf("ss%d", os.Getpid())
	if out, err := exec.Command("ip", "netns", "add", prefix+"-switch").CombinedOutput(); err != nil {
		t.Skipf("NOT TESTED: this machine makes no network namespaces, not even for root: %s", out)
	}
	t.Cleanup(func() { ip(t, "netns", "del", prefix+"-switch") })
	network(t, prefix)

	list := blocks(t)
	replace(t, list, "127.0.0.1", "10.177.0.1")
	out, logs := walk(t, list, wrapper, "NAMESPACES="+prefix)
	check(t, out, logs)

	// The proof that every party was where it should be, from its own side.
	used := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^NAMESPACE (\w+)$`).FindAllStringSubmatch(out+logs, -1) {
		used[m[1]] = true
	}
	for _, p := range parties {
		if !used[p] {
			t.Errorf("%s never ran in its namespace", p)
		}
	}
}

// wrapper puts a script in the program's place that runs it in the namespace
// of the party whose folder the command names.
const wrapper = `
mv "$walk/smartstart" "$walk/smartstart.real"
cat >"$walk/smartstart" <<'END'
#!/bin/bash
party=
for word in "$@"; do
  case "$word" in
    board[1-6]|board[1-6]/*|researcher|researcher/*|auditor|auditor/*|coordinator|coordinator/coordinator.toml) party=${word%%/*} ;;
  esac
done
[ -n "$party" ] || exec "$0.real" "$@"
echo "NAMESPACE $party" >&2
exec ip netns exec "$NAMESPACES-$party" "$0.real" "$@"
END
chmod +x "$walk/smartstart"
`

// network gives each party a namespace and a cable to the switch.
func network(t *testing.T, prefix string) {
	t.Helper()
	hub := prefix + "-switch"
	ip(t, "-n", hub, "link", "add", "switch", "type", "bridge")
	ip(t, "-n", hub, "link", "set", "switch", "up")
	for i, party := range parties {
		ns := prefix + "-" + party
		ip(t, "netns", "add", ns)
		t.Cleanup(func() { ip(t, "netns", "del", ns) })
		port := fmt.Sprintf("port%d", i)
		ip(t, "-n", hub, "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", ns)
		ip(t, "-n", hub, "link", "set", port, "master", "switch", "up")
		ip(t, "-n", ns, "address", "add", fmt.Sprintf("10.177.0.%d/24", i+1), "dev", "eth0")
		ip(t, "-n", ns, "link", "set", "eth0", "up")
	}
}

func ip(t *testing.T, words ...string) {
	t.Helper()
	if out, err := exec.Command("ip", words...).CombinedOutput(); err != nil {
		t.Fatalf("ip %s: %v: %s", strings.Join(words, " "), err, out)
	}
}
