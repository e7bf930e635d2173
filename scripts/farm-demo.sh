#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A farm of several hosts on one machine: a NATS server, a daemon and three hosts with eight virtual boards, in network namespaces of their
# own, with TLS. A sweep runs, one host is cut off in the middle and comes back, and the store is checked. See docs/many-hosts.md.
# usage: scripts/farm-demo.sh [--boards N,N,...] [--cut SECONDS] [--link QDISC] [--capture FILE] [--bin DIR] [SPEC.yaml]
#   --boards   virtual boards of each host (3,3,2); the last host is cut off
#   --cut      for how long (20); 0: not at all
#   --link     how `tc qdisc` slows the last host's link down, such as "netem delay 100ms rate 1mbit loss 2%". These three properties are
#              emulated (tests/support/link_emulator) where the kernel has no netem
#   --capture  records the traffic to a file for tcpdump, and looks for plain text in it
#   --bin      programs that are built already; nothing is installed, built or kept
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

fail() { echo "error: $*" >&2; exit "${status:-3}"; }

# ---- Outside: everything runs in namespaces of its own, so that the kernel removes it, however this ends ----

if [ "${1:-}" != --inside ]; then
    boards=3,3,2 cut=20 link='' capture='' bin='' spec='' results=''
    while [ $# -gt 0 ]; do
        case $1 in
            --boards|--cut|--link|--capture|--bin) [ $# -gt 1 ] || status=2 fail "$1 needs a value"; printf -v "${1#--}" %s "$2"; shift 2 ;;
            -*) status=2 fail "unknown option $1; expected: $(grep -m1 '^# usage' "$0" | cut -c3-)" ;;
            *) spec=$1; shift ;;
        esac
    done
    spec=${spec:-configs/mobilenet_sweep.yaml}
    [ -r "$spec" ] || status=2 fail "cannot read $spec"
    [[ $boards =~ ^[1-9][0-9]?(,[1-9][0-9]?){0,15}$ ]] || status=2 fail "--boards $boards: 1 to 16 numbers from 1 to 99 are expected"
    [[ $cut =~ ^[0-9]{1,3}$ ]] || status=2 fail "--cut $cut: a number of seconds up to 999 is expected"
    if [ -z "$bin" ]; then
        say "1/5 Debian packages, and building (preset release)"
        install_packages "${build_packages[@]}" "${hosts_packages[@]}" iproute2 sqlite3 util-linux ${capture:+tcpdump}
        build release hilfarm hilfarmd hilfarm-agent hilfarm-vboard firmware_images ${link:+link_emulator}
        bin=build/release/bin results=$PWD
    fi
    spaces=(unshare --net --mount --pid --fork --kill-child --mount-proc)
    [ "$(id -u)" -eq 0 ] || spaces+=(--map-root-user)
    "${spaces[@]}" true 2>/dev/null || fail "network namespaces cannot be made: run this as root (sudo $0), in a container with" \
        "--cap-add SYS_ADMIN,NET_ADMIN, or allow them to users: sysctl kernel.unprivileged_userns_clone=1"
    work=$(mktemp -d /tmp/hf-demo-XXXXXX)
    inside=
    trap 'if [ -n "$inside" ]; then kill -KILL "$inside" 2>/dev/null || :; fi; wait 2>/dev/null || :; rm -rf "$work"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    "${spaces[@]}" "$BASH" "$0" --inside "$work" "$boards" "$cut" "$link" "$capture" "$(cd "$bin" && pwd)" "$(realpath "$spec")" "${results:-$work}" &
    inside=$!
    wait "$inside"
    exit
fi

shift
work=$1 boards=$2 cut=$3 link=$4 capture=$5 bin=$6 spec=$7 results=$8
IFS=, read -ra counts <<<"$boards"
last=lab${#counts[@]}
export HILFARM_SOCKET=$work/socket PATH=/usr/sbin:/sbin:$PATH LC_ALL=C
mount -t tmpfs tmpfs /run # for the names of network namespaces and the locks of boards

# wait_for SECONDS WHAT COMMAND...: until the command succeeds.
wait_for() {
    local end=$((SECONDS + $1)) what=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $end ] || { tail -n 20 "$work"/*.log >&2; fail "$what: still not after the time allowed; see above"; }
        sleep 0.2
    done
}
query() { sqlite3 -readonly -cmd '.timeout 5000' "$work/daemon/hilfarm.db" "$1"; }
measured() { query "SELECT count(*) FROM results WHERE outcome = 'measured'"; }
show_boards() { echo; echo "-- hilfarm boards, $1"; timeout 20 "$bin/hilfarm" boards || fail "hilfarm boards: $?"; }

# slow_down: makes the link of the last host slow, in both directions. A slow link that the kernel cannot make is emulated.
slow_down() {
    local words how=
    read -ra words <<<"$link"
    if ! { tc qdisc add dev "$last" root "${words[@]}" && tc -n "$last" qdisc add dev eth0 root "${words[@]}"; } 2>"$work/link.log"; then
        ip link del "$last"
        [ "${words[0]}" = netem ] || { cat "$work/link.log" >&2; status=2 fail "the link of $last cannot be slowed down by '$link'"; }
        "$bin/link_emulator" "$last" "/run/netns/$last" eth0 "${words[@]:1}" >>"$work/link.log" 2>&1 &
        wait_for 10 "the link '$link'" grep -q '^ready' "$work/link.log"
        how=", emulated"
    fi
    echo "the link of $last, in both directions: $link$how"
}

say "2/5 The network: a bridge, and a namespace for each of ${#counts[@]} hosts"
ip link set lo up
ip link add farm type bridge
ip addr add 10.91.0.1/24 dev farm
ip link set farm up
for i in "${!counts[@]}"; do
    host=lab$((i + 1))
    ip netns add "$host"
    ip link add "$host" type veth peer name eth0 netns "$host"
    if [ "$host" = "$last" ] && [ -n "$link" ]; then slow_down; fi
    ip link set "$host" master farm up
    ip -n "$host" addr add "10.91.0.$((i + 11))/24" dev eth0
    ip -n "$host" link set eth0 up
    ip -n "$host" link set lo up
done
if [ -n "$capture" ]; then
    tcpdump -i farm -U -s 0 -Z root -w "$capture" >"$work/tcpdump.log" 2>&1 &
    wait_for 10 "recording the traffic" grep -q 'listening on' "$work/tcpdump.log"
fi

say "3/5 The farm: certificates, NATS server, hosts that join by token, daemon"
"$bin/hilfarm" agent init --directory "$work/broker" --listen 10.91.0.1:4222 --name 10.91.0.1 >"$work/init.log"
sed -n '/^broker:/,/^$/p' "$work/init.log" >"$work/farm.yaml"
nats-server -c "$work/broker/nats-server.conf" >"$work/nats.log" 2>&1 &
wait_for 20 "the NATS server" bash -c 'exec 3<>/dev/tcp/10.91.0.1/4222'
number=0
for i in "${!counts[@]}"; do
    host=lab$((i + 1)) folder=$work/lab$((i + 1))
    mkdir -p "$folder/tmp"
    for ((n = counts[i]; n > 0; n--)); do
        number=$((number + 1))
        echo "  - {id: v$number, chip: stm32l4r5zi, virtual: true, baud: 921600}"
    done | { echo "boards:"; cat; } >"$folder/farm.yaml"
    number=$((number + counts[i]))
    timeout 60 "$bin/hilfarm" agent token "$host" --directory "$work/broker" --output "$folder/token" >"$work/token-$host.log" 2>&1 &
    token=$!
    wait_for 20 "a token for $host" test -s "$folder/token"
    ip netns exec "$host" timeout 60 "$bin/hilfarm" agent join --token-file "$folder/token" --config "$folder/agent.yaml" \
        --directory "$folder/keys" >"$work/join-$host.log" 2>&1 || { cat "$work"/*"$host.log" >&2; fail "$host cannot join"; }
    wait "$token" || { cat "$work/token-$host.log" >&2; fail "the farm has not signed for $host"; }
    TMPDIR=$folder/tmp ip netns exec "$host" "$bin/hilfarm-agent" --config "$folder/agent.yaml" --state "$folder/state" \
        >"$work/agent-$host.log" 2>&1 &
    echo "$host: ${counts[i]} boards, joined"
done
"$bin/hilfarmd" --farm "$work/farm.yaml" --state "$work/daemon" --dashboard none >"$work/daemon.log" 2>&1 &
all_there() { [ "$("$bin/hilfarm" boards | grep -c '^lab[0-9]*/.*stm32')" -eq "$number" ]; }
wait_for 60 "$number boards of ${#counts[@]} hosts" all_there
show_boards "before the sweep"

say "4/5 hilfarm run $spec"
begin=$SECONDS
(cd "$results" && exec timeout 1800 "$bin/hilfarm" run "$spec" --plain) >"$work/run.log" 2>&1 &
run=$!
if [ "$cut" -gt 0 ]; then
    at_work() { "$bin/hilfarm" boards | grep "^$last/" | grep -qvE "closed|idle|opening|closing|waiting|is away|does not answer"; }
    wait_for 300 "a board of $last at work" at_work
    ip link set "$last" down
    echo "$last is cut off; $(measured) variations are measured"
    sleep "$cut"
    show_boards "$last has been cut off for $cut s"
    ip link set "$last" up
    echo
    echo "$last is connected again; $(measured) variations are measured"
fi
run_status=0
wait "$run" || run_status=$?
cat "$work/run.log"
all_at_rest() { all_there && ! "$bin/hilfarm" boards | grep -qE "is away|opening"; }
wait_for 90 "all boards at rest after the sweep" all_at_rest
show_boards "after the sweep"

say "5/5 What the store says"
total=$(query "SELECT count(*) FROM results")
lost=$((total - $(query "SELECT count(*) FROM results WHERE outcome IN ('measured', 'pruned')")))
doubled=$(query "SELECT count(*) FROM (SELECT 1 FROM attempts WHERE succeeded GROUP BY result_id HAVING count(*) > 1)")
requeued=$(grep -cE 'attempt [0-9]+ of .* failed \(' "$work/run.log" || :)
echo "variations $total, measured $(measured), lost $lost, doubled $doubled, attempts that were made again $requeued, $((SECONDS - begin)) s"
[ "$run_status" -le 1 ] && [ "$total" -gt 0 ] && [ "$(measured)" -gt 0 ] && [ "$lost" -eq 0 ] && [ "$doubled" -eq 0 ] ||
    { tail -n 20 "$work"/agent-*.log "$work/daemon.log" >&2; status=1 fail "hilfarm run: $run_status; something was lost or doubled"; }
if [ -n "$capture" ]; then
    # The greeting of the server is plain by the protocol, and shows that the traffic was recorded.
    grep -aq tls_required "$capture" || status=1 fail "$capture has no traffic with the NATS server"
    ! grep -aoE -m1 'hf\.v1|hilfarm-leases|mobilenet|stm32|lab[0-9]+/v' "$capture" || status=1 fail "$capture shows plain text"
    echo "traffic: $(stat -c %s "$capture") bytes recorded in $capture, no plain text but the server's greeting"
fi
