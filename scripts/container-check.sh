#!/usr/bin/env bash
# Usage: scripts/container-check.sh
# Builds the Dockerfile and checks the contract against what was built: with Docker where an engine
# answers, else with buildah, as root. NODE_IMAGE names another base image. Without one and without a
# registry, buildah gets a base made here: busybox and the C library of this machine, and npm's build of
# Node. That stands in for Alpine's userland, but not for its C library, musl.
# Exit codes: 0 all checks passed, 1 one failed, 2 a tool is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

image=localhost/single-backend-check
iterations=134217728 # the most /compute takes
total=9007199187632128

engine='' base_image='' work='' group='' container='' rootfs='' runner_pid='' server_pid='' status='' leftover=''
buildah=() image_env=() image_command=() health_command=() settings=() clients=()
checks_passed=0

main() {
  choose_engine
  work=$(mktemp -d)
  trap clean_up EXIT
  trap 'exit 1' INT TERM HUP

  "build_with_$engine"
  check_configuration
  check_alpine_parts

  start
  check_contents
  check_process
  check_contract
  check_health_command
  stop

  start COMPUTE_MODE=inline
  check_inline
  stop

  check_quota

  start COMPUTE_MAX_WAIT_MS=60000
  check_sigterm_under_load

  echo "All $checks_passed checks passed, with $engine on $base_image."
}

# --- the checks -------------------------------------------------------------------------------------

check_configuration() {
  local config
  config=$(image_config)
  # The strings of a list in the image's configuration, each ended by a zero byte.
  strings() {
    node -e "const c = JSON.parse(process.argv[1]);
      process.stdout.write(($1).map((text) => text + '\0').join(''));" "$config"
  }
  mapfile -d '' -t image_env < <(strings 'c.Env')
  mapfile -d '' -t image_command < <(strings '[...(c.Entrypoint ?? []), ...c.Cmd]')
  mapfile -d '' -t health_command < <(strings 'c.Healthcheck.Test')

  equal 'the user is a number, and not root' '1000:1000' "$(strings '[c.User]' | tr -d '\0')"
  equal 'port 9000 is declared' '9000/tcp' "$(strings 'Object.keys(c.ExposedPorts)' | tr -d '\0')"
  equal 'node itself is what runs' \
    'node --enable-source-maps dist/src/server.js' "${image_command[*]}"
  equal 'the health check needs no shell' 'CMD node -e' "${health_command[*]:0:3}"
  unset -f strings
}

# That the lock file holds POOL_NICE's native part for musl cannot be seen on another base image.
check_alpine_parts() {
  local cpu folder
  for cpu in x64 arm64; do
    folder=$work/alpine-$cpu
    mkdir "$folder"
    cp package.json package-lock.json "$folder"
    (cd "$folder" && timeout 120 npm ci --silent --no-audit --no-fund --omit=dev --ignore-scripts \
      --os=linux --cpu="$cpu" --libc=musl)
    equal "npm ci on Alpine $cpu brings the native part of POOL_NICE" "nice-linux-$cpu-musl" \
      "$(cd "$folder/node_modules/@napi-rs" && echo nice-*)"
  done
}

check_contents() {
  equal 'the image holds nothing else in /app' 'dist node_modules package.json' \
    "$(inside ls /app | xargs)"
  equal 'dist holds nothing but the server' 'src workers' "$(inside ls -A /app/dist | xargs)"
  equal 'there are no sources' '' \
    "$(inside find /app/dist -type f ! -name '*.js' ! -name '*.js.map')"
  local development
  development=$(node -p "Object.entries(require('./package-lock.json').packages)
    .filter(([, { dev }]) => dev).map(([path]) => path).join('\n')")
  equal 'there are no development dependencies' '' \
    "$(inside sh -c 'ls -d node_modules/* node_modules/@*/*' | grep -xF "$development" || true)"
}

check_process() {
  equal 'process 1 is node' "${image_command[*]}" "$(inside cat /proc/1/cmdline | tr '\0' ' ' | sed 's/ $//')"
  equal 'process 1 is not root and can gain no privileges' \
    'Uid: 1000 1000 1000 1000 CapEff: 0000000000000000 NoNewPrivs: 1' \
    "$(inside grep -E '^(Uid|CapEff|NoNewPrivs):' /proc/1/status | xargs)"
  like 'the root file system is read-only' 'Read-only file system' \
    "$(inside sh -c ': >/tmp/file' 2>&1 || true)"
  like 'the server says where it is' '^Server is running on http://(localhost|127\.0\.0\.1):9000$' "$(logs)"
  equal 'the server warns of nothing, POOL_NICE works' '' "$(logs | grep -E '"level":[456]0' || true)"
}

check_contract() {
  like 'GET /health' \
    '^\{"status":"OK","message":"Server is running","timestamp":"[0-9T:.-]{23}Z"\} 200$' "$(get /health)"
  like 'GET /users' \
    '^\{"success":true,"time":[0-9]+,"count":2,"data":\[\{"id":1,"name":"John Doe","email":"[^"]+"\},\{"id":2,"name":"Jane Smith","email":"[^"]+"\}\]\} 200$' \
    "$(get /users)"
  equal 'POST /users' \
    '{"success":true,"message":"User created successfully","data":{"id":3,"name":"Ann","email":"ann@example.com"}} 201' \
    "$(post /users '{"name":"Ann","email":"ann@example.com"}')"
  like 'POST /users without an email' \
    '^\{"success":false,"message":"Please provide name and email","code":"[A-Z_]+"\} 400$' \
    "$(post /users '{"name":"Ann"}')"
  like 'GET /users counts the new user' '"count":3,' "$(get /users)"
  equal 'GET /compute' '{"success":true,"total":49999995000000} 200' "$(get /compute)"
  like 'GET an unknown path' '^\{"success":false,"message":"[^"]+","code":"NOT_FOUND"\} 404$' "$(get /none)"
}

check_health_command() {
  equal 'the health check passes' 0 "$(exit_code_of inside "${health_command[@]:1}")"
  equal 'the health check fails when nobody answers' 1 \
    "$(exit_code_of inside ADMIN_PORT=1 "${health_command[@]:1}")"
}

check_inline() {
  like 'COMPUTE_MODE=inline flips the mode' '"mode":"inline"' "$(logs)"
  equal 'inline: GET /compute' '{"success":true,"total":49999995000000} 200' "$(get /compute)"
  # Long enough for a busy machine to start the health check in the middle of it.
  load 64
  equal 'inline: the health check passes while the event loop is blocked' 0 \
    "$(exit_code_of inside "${health_command[@]:1}")"
  like 'inline: … which it was' '^[1-9]' "$(unanswered)"
  wait "${clients[@]}" || die 'inline: a computation got no answer'
}

check_quota() {
  if [[ $engine == docker ]]; then
    group=docker
  elif ! group=$(make_group 2>"$work/group.log"); then
    group=''
    echo "NOT CHECKED: the CPU quota, as no control group can be made: $(cat "$work/group.log")"
    return
  fi
  start
  like 'a CPU quota of one core makes one thread' '"threads":1,"threadsDecidedBy":"CPU quota"' "$(logs)"
  stop
  remove_group
}

check_sigterm_under_load() {
  local client
  load 8
  like 'SIGTERM: requests are in flight' '^[1-9]' "$(unanswered)"
  stop
  wait "${clients[@]}" || true # the answers tell more
  for client in "${!clients[@]}"; do
    [[ $(<"$work/answer.$client") == "{\"success\":true,\"total\":$total} 200" ]] ||
      die "SIGTERM: a request in flight got: $(<"$work/answer.$client")"
  done
  pass "SIGTERM: all ${#clients[@]} requests were answered"
}

# --- asking -----------------------------------------------------------------------------------------

get() {
  request "$1" --write-out ' %{http_code}'
}

post() {
  request "$1" --write-out ' %{http_code}' --json "$2"
}

# Sends that many of the longest computations at once, and returns when the first has its answer. count
load() {
  local client deadline=$((SECONDS + 20))
  clients=()
  rm -f "$work"/answer.*
  for ((client = 0; client < $1; client++)); do
    get "/compute?n=$iterations" >"$work/answer.$client" 2>&1 &
    clients+=($!)
  done
  while (($(unanswered) == $1)); do
    ((SECONDS < deadline)) || die "no computation was answered: $(logs)"
    sleep 0.02
  done
}

unanswered() {
  find "$work" -name 'answer.*' -empty | wc -l
}

exit_code_of() {
  "$@" >/dev/null 2>&1 && echo 0 || echo $?
}

# what it is, expected, actual
equal() {
  [[ $3 == "$2" ]] || die "$1: expected <$2>, got <$3>"
  pass "$1"
}

# what it is, pattern that a line should match, text
like() {
  grep -qE -- "$2" <<<"$3" || die "$1: expected <$2>, got <$3>"
  pass "$1"
}

pass() {
  echo "PASS $1"
  checks_passed=$((checks_passed + 1))
}

die() {
  echo "FAIL $1" >&2
  exit 1
}

# --- building ---------------------------------------------------------------------------------------

choose_engine() {
  if command -v docker >/dev/null && timeout 20 docker info >/dev/null 2>&1; then
    engine=docker
    require curl npm
    return
  fi
  engine=buildah
  if [[ $(id -u) != 0 ]]; then
    echo 'container-check: no Docker engine answers, and buildah is of use to root only' >&2
    exit 2
  fi
  require buildah busybox curl ip npm nsenter setpriv unshare
  # In a mount namespace of its own, so that no mount outlives this script.
  if [[ ${CONTAINER_CHECK_UNSHARED-} != yes ]]; then
    CONTAINER_CHECK_UNSHARED=yes exec unshare --mount --propagation private bash scripts/container-check.sh
  fi
  # Whatever its storage is, buildah keeps a cache in the one and a lock in the other.
  mount -t tmpfs tmpfs /var/lib
  [[ -e /etc/cni ]] || leftover=/etc/cni
}

require() {
  local missing=() packages=() tool
  for tool in "$@"; do
    command -v "$tool" >/dev/null && continue
    missing+=("$tool")
    case $tool in
      busybox) packages+=(busybox-static) ;;
      ip) packages+=(iproute2) ;;
      nsenter | setpriv | unshare) packages+=(util-linux) ;;
      *) packages+=("$tool") ;;
    esac
  done
  ((${#missing[@]} > 0)) || return 0
  if [[ ${CI-} == true && $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
    echo "Installing ${packages[*]}"
    timeout 120 apt-get update -qq >/dev/null
    DEBIAN_FRONTEND=noninteractive timeout 300 \
      apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
  else
    echo "container-check: not found: ${missing[*]} (Debian: apt-get install ${packages[*]})" >&2
    exit 2
  fi
}

default_base() {
  sed -n 's/^ARG NODE_IMAGE=//p' Dockerfile
}

build_with_docker() {
  base_image=${NODE_IMAGE:-$(default_base)}
  timeout 900 docker build --build-arg "NODE_IMAGE=$base_image" -t "$image" .
  echo "Image size: $(($(docker image inspect --format '{{.Size}}' "$image") / 1000000)) MB"
}

build_with_buildah() {
  export TMPDIR=$work BUILDAH_ISOLATION=chroot
  buildah=(buildah --root "$work/storage" --runroot "$work/run" --storage-driver vfs)
  echo '{"default":[{"type":"insecureAcceptAnything"}]}' >"$work/policy.json"
  base_image=${NODE_IMAGE:-docker.io/library/$(default_base)}
  if ! timeout 120 "${buildah[@]}" pull --signature-policy "$work/policy.json" --policy missing \
    "$base_image" >"$work/pull.log" 2>&1; then
    [[ -z ${NODE_IMAGE-} ]] || die "no base image $NODE_IMAGE: $(tail -n 1 "$work/pull.log")"
    echo "$base_image cannot be had here, so a base image is made."
    make_base
  fi
  timeout 900 "${buildah[@]}" build --format docker --pull-never \
    --signature-policy "$work/policy.json" --build-arg "NODE_IMAGE=$base_image" -t "$image" .
  container=$("${buildah[@]}" from --pull-never --signature-policy "$work/policy.json" "$image")
  rootfs=$("${buildah[@]}" mount "$container")
  echo "Image size: $(megabytes "$rootfs") MB unpacked, of which $(megabytes "$rootfs/app") MB are ours"
}

megabytes() {
  du -s --block-size=1MB "$1" | cut -f 1
}

make_base() {
  local fs=$work/base node_package node ca builder
  node_package=node-linux-$(node -p process.arch)
  timeout 300 npm install --silent --no-audit --no-fund --prefix "$work/npm" \
    "$node_package@$(default_base | grep -oE '[0-9]+' | head -n 1)" npm@11
  node=$work/npm/node_modules/$node_package/bin/node

  mkdir -p "$fs"/{bin,sbin,dev,proc,sys,root,home/node,etc/ssl/certs} "$fs"/usr/{bin,sbin} \
    "$fs"/usr/local/{bin,etc,lib/node_modules}
  mkdir -m 1777 "$fs/tmp"
  cp "$(command -v busybox)" "$fs/bin/busybox"
  chroot "$fs" /bin/busybox --install -s
  ldd "$node" | grep -o '/[^ ]*' | xargs cp -L --parents -t "$fs"
  printf 'root:x:0:0::/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\n' >"$fs/etc/passwd"
  printf 'root:x:0:\nnode:x:1000:\n' >"$fs/etc/group"
  cp "$node" "$fs/usr/local/bin/node"
  cp -r "$work/npm/node_modules/npm" "$fs/usr/local/lib/node_modules/npm"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$fs/usr/local/bin/npm"
  # Inside the build, npm asks the registry that it asks out here.
  echo "registry=$(npm --silent config get registry)" >"$fs/usr/local/etc/npmrc"
  ca=$(npm --silent config get cafile)
  [[ -f $ca ]] || ca=${NODE_EXTRA_CA_CERTS-}
  if [[ -f $ca ]]; then
    cp -L "$ca" "$fs/etc/ssl/certs/ca-certificates.crt"
    echo 'cafile=/etc/ssl/certs/ca-certificates.crt' >>"$fs/usr/local/etc/npmrc"
  fi

  base_image=localhost/node-on-busybox:$("$node" --version)
  builder=$("${buildah[@]}" from scratch)
  "${buildah[@]}" copy --quiet "$builder" "$fs" / >/dev/null
  "${buildah[@]}" config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$builder"
  "${buildah[@]}" commit --quiet --signature-policy "$work/policy.json" "$builder" "$base_image" >/dev/null
  "${buildah[@]}" rm "$builder" >/dev/null
}

image_config() {
  if [[ $engine == docker ]]; then
    docker image inspect --format '{{json .Config}}' "$image"
  else
    "${buildah[@]}" inspect --type image "$image" >"$work/image.json"
    node -p 'JSON.stringify(require(process.argv[1]).Docker.config)' "$work/image.json"
  fi
}

# --- running ----------------------------------------------------------------------------------------

# Starts the server, hardened as in production, and returns when it listens. [NAME=value…]
start() {
  local deadline=$((SECONDS + 20))
  settings=("$@")
  "start_with_$engine"
  until logs | grep '"Listening"' >/dev/null; do
    ((SECONDS < deadline)) || die "the server did not start: $(logs)"
    sleep 0.1
  done
}

start_with_docker() {
  local options=(--read-only --cap-drop ALL --security-opt no-new-privileges)
  [[ -z $group ]] || options+=(--cpus 1)
  container=$(docker run --detach --publish 127.0.0.1::9000 "${options[@]}" \
    "${settings[@]/#/--env=}" "$image")
}

# By hand what a container engine does: namespaces, a read-only root, no way to gain privileges.
start_with_buildah() {
  local deadline=$((SECONDS + 5))
  : >"$work/log"
  # shellcheck disable=SC2016 # expanded inside
  ROOTFS=$rootfs GROUP=$group unshare --mount --pid --net --ipc --uts --fork \
    bash -euc '
      mount --bind "$ROOTFS" "$ROOTFS"
      mount -t proc proc "$ROOTFS/proc"
      mount -t tmpfs tmpfs "$ROOTFS/dev"
      for device in null zero random urandom; do
        touch "$ROOTFS/dev/$device"
        mount --bind "/dev/$device" "$ROOTFS/dev/$device"
      done
      if [[ -n $GROUP ]]; then
        # Without a cgroup namespace, as Docker does it: the own group is all that is mounted.
        mount -t tmpfs tmpfs "$ROOTFS/sys"
        mounted=$ROOTFS/sys/fs/cgroup
        [[ -e $GROUP/cpu.max ]] || mounted+=/cpu
        mkdir -p "$mounted"
        mount --bind "$GROUP" "$mounted"
        echo 0 >"$GROUP/cgroup.procs"
      fi
      mount -o remount,bind,ro "$ROOTFS"
      ip link set lo up
      exec env -i "$@"
    ' start "${image_env[@]}" "${settings[@]}" setpriv --no-new-privs \
    unshare --root "$rootfs" --wd /app --setuid 1000 --setgid 1000 "${image_command[@]}" \
    >"$work/log" 2>&1 &
  runner_pid=$!
  until server_pid=$(xargs <"/proc/$runner_pid/task/$runner_pid/children") && [[ -n $server_pid ]]; do
    ((SECONDS < deadline)) || die "nothing was started: $(logs)"
    sleep 0.02
  done
}

logs() {
  if [[ $engine == docker ]]; then docker logs "$container" 2>&1; else cat "$work/log"; fi
}

# Runs a command in the container as its user. [NAME=value…] command…
inside() {
  local extra=()
  while [[ $1 == *=* ]]; do
    extra+=("$1")
    shift
  done
  if [[ $engine == docker ]]; then
    timeout 30 docker exec "${extra[@]/#/--env=}" "$container" "$@"
  else
    timeout 30 env -i "${image_env[@]}" "${settings[@]}" "${extra[@]}" \
      nsenter --target "$server_pid" --mount --pid --net --root --wd --setuid 1000 --setgid 1000 "$@"
  fi
}

# Asks the server from outside. path [curl options…]
request() {
  local path=$1
  shift
  if [[ $engine == docker ]]; then
    curl -sS --max-time 30 "$@" "http://$(docker port "$container" 9000/tcp | head -n 1)$path"
  else
    nsenter --target "$server_pid" --net curl -sS --max-time 30 "$@" "http://127.0.0.1:9000$path"
  fi
}

# Stops the server with SIGTERM; it has to be gone with exit code 0 within its deadline of 8 s.
stop() {
  local started=$SECONDS
  if [[ $engine == docker ]]; then
    docker kill --signal TERM "$container" >/dev/null
    status=$(timeout 15 docker wait "$container") || die 'SIGTERM: the server is still there after 15 s'
    docker rm --force "$container" >/dev/null
    container=''
  else
    kill -TERM "$server_pid"
    while kill -0 "$runner_pid" 2>/dev/null; do
      ((SECONDS - started < 15)) || die 'SIGTERM: the server is still there after 15 s'
      sleep 0.05
    done
    status=0
    wait "$runner_pid" || status=$?
    runner_pid=''
  fi
  equal 'SIGTERM: the server exits with code 0' 0 "$status"
  equal 'SIGTERM: … within 9 s' 1 "$((SECONDS - started <= 9))"
}

# Makes a control group that may use one core and prints its path.
make_group() {
  local parent path
  for parent in /sys/fs/cgroup/cpu /sys/fs/cgroup/cpu,cpuacct /sys/fs/cgroup; do
    [[ -e $parent/cgroup.procs ]] && break
  done
  path=$parent/container-check-$$
  mkdir "$path"
  if [[ -e $path/cpu.cfs_quota_us ]]; then
    echo 100000 >"$path/cpu.cfs_quota_us" || { rmdir "$path" && return 1; }
  else
    echo '100000 100000' >"$path/cpu.max" || { rmdir "$path" && return 1; }
  fi
  echo "$path"
}

remove_group() {
  [[ $group != /* ]] || rmdir "$group"
  group=''
}

clean_up() {
  local exit_status=$?
  set +e
  if ((exit_status != 0)); then
    echo "container-check: failed after $checks_passed checks" >&2
    [[ -z $container ]] || logs | tail -n 20 >&2
    exit_status=1
  fi
  if [[ -n $runner_pid ]]; then
    # Not the runner alone: a process that has changed its user does not die with its parent.
    server_pid=$(xargs <"/proc/$runner_pid/task/$runner_pid/children")
    [[ -z $server_pid ]] || kill -KILL "$server_pid"
    kill -KILL "$runner_pid"
    wait "$runner_pid"
  fi 2>/dev/null
  if [[ $engine == docker ]]; then
    [[ -z $container ]] || docker rm --force "$container" >/dev/null
    docker image rm "$image" >/dev/null 2>&1
  elif [[ -n $rootfs ]]; then
    "${buildah[@]}" umount "$container" >/dev/null
  fi
  remove_group
  rm -rf --one-file-system "$work" ${leftover:+"$leftover"}
  exit "$exit_status"
}

main "$@"
