#!/usr/bin/env bash
# EMR bootstrap action: install a pinned Python environment and network weights on every node.
# README.md in this folder describes the options, the paths and the exit statuses.
set -Eeuo pipefail
umask 022 # YARN's containers run as other users and must be able to read the installed files.

# Tests set these variables; a cluster uses the defaults.
ROOT=${SPARKLES_ROOT:-}
PYTHON=${SPARKLES_PYTHON:-/usr/bin/python3.11} # the target of bin/python in the archives
ATTEMPTS=${SPARKLES_ATTEMPTS:-5}
FIRST_WAIT=${SPARKLES_FIRST_WAIT:-2} # seconds, doubled after each attempt

BASE=$ROOT/mnt/sparkles
MODELS=$ROOT/mnt/models # on the same volume as BASE, so that moving a file is a rename
INSTANCE=$ROOT/mnt/var/lib/info/instance.json

MEBIBYTE=1048576
ARCHIVE_FACTOR=5                # the archive, and its content at four times its size
BUILT_SPACE=$((4096 * MEBIBYTE)) # the driver's unpacked packages, their wheels, and some reserve

LARGER="larger volumes: EbsRootVolumeSize, or EbsConfiguration where /mnt is a separate volume"
AWS=(aws --cli-connect-timeout 10 --cli-read-timeout 60)

declare -A options=() # option to value, except for --weights
weights=()
role='' staging='' incomplete=''

usage() {
  cat <<'HELP'
usage: install.sh [--driver-archive URI --executor-archive URI
                   | --driver-requirements URI --executor-requirements URI --wheel URI]
                  [--weights URI]... [--role driver|executor] [--help]

Installs a Python environment and network weights on a node of an EMR cluster. The environment
is /mnt/sparkles/environment: the driver's on the master, the executors' on all other nodes.
Every URI is s3://bucket/key#sha256=<SHA-256 of the object>.

  --*-archive       an environment built by `make package`, a .tar.gz
  --*-requirements  instead: a lock file for pip --require-hashes; --wheel is Sparkles itself
  --weights         a file for /mnt/models/<sha256>/; may be repeated
  --role            the role of this node, instead of the one in EMR's instance.json

Exit status: 0 everything is installed, 1 something failed, 2 the arguments are wrong.
HELP
}

say() {
  TZ=UTC0 printf '%(%Y-%m-%dT%H:%M:%SZ)T sparkles bootstrap: %s\n' -1 "$*" >&2
}

# End with the last line of the log: what failed, what was expected, and the remedy.
fail() {
  say "failed: $1; expected $2; remedy: $3"
  exit 1
}

misuse() {
  usage | sed '/^$/,$d' >&2
  say "failed: $1; see install.sh --help"
  exit 2
}

on_error() {
  local status=$?
  ((BASH_SUBSHELL == 0)) || exit "$status" # the parent shell reports it
  fail "line $1, $2, ended with status $status" "0" "see the lines above"
}

on_exit() {
  [[ -z $staging ]] || rm -rf "$staging"
  [[ -z $incomplete ]] || rm -rf "$incomplete"
}

parse() {
  while (($# > 0)); do
    [[ $1 != --*=* ]] || set -- "${1%%=*}" "${1#*=}" "${@:2}"
    case $1 in
      --help) usage && exit 0 ;;
      --driver-archive | --executor-archive | --wheel \
        | --driver-requirements | --executor-requirements)
        check_uri "$@"
        [[ -z ${options[$1]:-} ]] || misuse "$1 is given twice"
        options[$1]=$2
        ;;
      --weights) check_uri "$@" && weights+=("$2") ;;
      --role)
        [[ ${2:-} =~ ^(driver|executor)$ ]] \
          || misuse "--role is '${2:-}', expected driver or executor"
        role=$2
        ;;
      *) misuse "unknown argument '$1'" ;;
    esac
    shift 2
  done
  check_combination "${!options[*]}"
}

check_uri() {
  local pattern='^s3://[^/]+/(.*/)?[^/#]+#sha256=[0-9a-f]{64}$'
  [[ ${2:-} =~ $pattern ]] \
    || misuse "$1 is '${2:-}', expected s3://bucket/key#sha256=<64 hex digits in lower case>"
}

check_combination() {
  local name together=()
  case $1 in
    '') ((${#weights[@]} > 0)) || misuse "nothing to do: no environment and no weights" ;;
    *archive*) together=(--driver-archive --executor-archive) ;;
    *) together=(--driver-requirements --executor-requirements --wheel) ;;
  esac
  for name in "${together[@]}"; do
    [[ -n ${options[$name]:-} ]] || misuse "$name is missing: use ${together[*]} together"
  done
  ((${#options[@]} == ${#together[@]})) \
    || misuse "archives cannot be combined with requirements or a wheel"
}

# Create a folder that this user may write to; /mnt itself may belong to root.
own() {
  mkdir -p "$1" 2>/dev/null && [[ -w $1 ]] && return
  sudo install --directory --owner "$(id -u)" --group "$(id -g)" "$1" \
    || fail "cannot create $1" "a folder that $(id -un) may write to" "let $(id -un) use sudo"
}

# Allow one run at a time on a node, and first delete what a killed run left behind.
begin() {
  local lock
  own "$BASE"
  exec {lock}>>"$BASE/.lock" \
    || fail "cannot open $BASE/.lock" "a file that belongs to $(id -un)" "remove it"
  if ! flock --nonblock "$lock"; then
    say "another run is active on this node: waiting for it"
    flock --wait 1800 "$lock" \
      || fail "another run holds $BASE/.lock" "its end within 30 minutes" "check what it is doing"
  fi
  staging=$BASE/.staging
  rm -rf "$staging"
  mkdir "$staging"
}

mebibytes() {
  echo "$((($1 + MEBIBYTE - 1) / MEBIBYTE)) MiB"
}

# Fail before a download that does not fit, because a node with a full disk is useless.
check_space() {
  local needed=$1 what=$2 free
  free=$(df --output=avail --block-size=1 "$BASE" | tail -n 1)
  ((needed <= free)) || fail \
    "no space for $what: it needs $(mebibytes "$needed"), $BASE has $(mebibytes "$free") free" \
    "space for the download and its unpacked content" "$LARGER"
}

# Run a command on an S3 object until it succeeds, and store its output in $output. Errors are
# recognized by the AWS CLI's messages, because most of them have the same exit status.
retry() {
  local uri=$1 attempt attempts error expected remedy seconds=$FIRST_WAIT
  shift
  for ((attempt = 1; ; attempt++)); do
    ! output=$("$@" 2>&1) || return 0
    error=${output#$'\n'}
    error=${error//$'\n'/ }
    attempts=$ATTEMPTS expected="an answer from S3"
    remedy="give the subnet access to S3, by a gateway endpoint or NAT"
    case $error in
      *'(403)'* | *AccessDenied*)
        attempts=1 expected="s3:GetObject for the cluster's instance profile"
        remedy="allow it, or correct the URI: S3 may also answer so for an absent object"
        ;;
      *'(404)'* | *NoSuchKey* | *NoSuchBucket*)
        attempts=1 expected="a bucket and a key that exist"
        remedy="upload it, or correct the URI"
        ;;
      *'No space left'*)
        attempts=1 expected="space for it in $BASE" remedy=$LARGER
        ;;
      *credentials*)
        expected="the instance profile's credentials"
        remedy="start the cluster with an EC2 instance profile"
        ;;
      *SHA-256*)
        expected="the object with the given SHA-256"
        remedy="upload it again, or correct its #sha256="
        ;;
    esac
    ((attempt < attempts)) \
      || fail "attempt $attempt of $attempts for $uri: $error" "$expected" "$remedy"
    say "attempt $attempt of $attempts for $uri: $error; trying again"
    sleep "$((seconds + RANDOM % (seconds + 1)))" # spread the requests of nodes that start together
    seconds=$((2 * seconds))
  done
}

download() { # URI, SHA-256, size, file
  local actual
  "${AWS[@]}" s3 cp --only-show-errors "$1" "$4" || return
  actual=$(sha256_of "$4")
  [[ $actual != "$2" ]] || return 0
  echo "received $(stat --format %s "$4") of $3 bytes with SHA-256 $actual instead of $2"
  rm "$4"
  return 1
}

sha256_of() {
  sha256sum <"$1" | cut -d ' ' -f 1
}

# Download URI#sha256=… to a file; it needs space of its size times the third argument.
fetch() {
  local uri=${1%#*} to=$2 factor=$3 path size output
  path=${uri#s3://}
  retry "$uri" "${AWS[@]}" s3api head-object --bucket "${path%%/*}" --key "${path#*/}" \
    --query ContentLength --output text
  size=${output##*$'\n'}
  check_space $((size * factor)) "$uri"
  say "downloading $uri ($(mebibytes "$size"))"
  retry "$uri" download "$uri" "${1##*=}" "$size" "$to"
}

# The archives and their packages require Python 3.11. The system's own Python is not changed.
ensure_python() {
  [[ ! -x $PYTHON ]] || return 0
  say "there is no $PYTHON: installing the package python3.11 next to the system's Python"
  sudo dnf install -y python3.11 >&2 || say "dnf failed"
  [[ -x $PYTHON ]] || fail "there is no $PYTHON" "Python 3.11" \
    "give the node access to Amazon Linux's packages, or use an image with python3.11"
}

find_role() {
  [[ -z $role ]] || return 0
  [[ -r $INSTANCE ]] || fail "there is no $INSTANCE" "EMR's description of this node" \
    "run this as a bootstrap action, or use --role"
  role=$("$PYTHON" -I -c '
import json, sys
with open(sys.argv[1]) as file:
    print({True: "driver", False: "executor"}[json.load(file)["isMaster"]])
' "$INSTANCE" 2>/dev/null) \
    || fail "$INSTANCE does not contain the role of this node" '"isMaster": true or false' \
      "use --role"
}

# Import what the role needs; $versions receives the versions, or the reason of the failure.
try_environment() {
  local modules=(sparkles openvino pyarrow)
  [[ $role == executor ]] || modules+=(keras)
  # Keras writes its settings to a home folder. -I ignores Python's own variables, which could
  # otherwise supply packages that the environment lacks.
  ! versions=$(cd "$staging" && KERAS_HOME=$staging TF_CPP_MIN_LOG_LEVEL=2 \
    "$1/bin/python" -I - "${modules[@]}" 2>"$staging/error" <<'END'
import importlib, platform, sys
if sys.version_info[:2] != (3, 11):
    sys.exit(f"its Python is {platform.python_version()}")
found = {name: importlib.import_module(name) for name in sys.argv[1:]}
print(f"Python {platform.python_version()}", end="")
for name, module in found.items():
    print(f", {name} {getattr(module, '__version__', 'without a version')}", end="")
END
  ) || return 0
  versions=$(tail -n 1 "$staging/error")
  return 1
}

unpack() {
  local target=$1 archive=$2 error
  fetch "$archive" "$staging/environment.tar.gz" "$ARCHIVE_FACTOR"
  mkdir "$target"
  error=$(tar --extract --gzip --no-same-owner --directory "$target" \
    --file "$staging/environment.tar.gz" 2>&1) \
    || fail "${archive%#*} does not unpack: ${error%%$'\n'*}" \
      "a .tar.gz built by make package, and space for it in $BASE" "build it again, or use $LARGER"
  rm "$staging/environment.tar.gz"
}

# pip installs only wheels that are pinned by hash, so no code of packages runs during the build.
build() {
  local target=$1 requirements=$2 wheel=${3%#*} pip
  fetch "$requirements" "$staging/requirements.lock" 1
  fetch "$3" "$staging/${wheel##*/}" 1
  check_space "$BUILT_SPACE" "an environment of ${requirements%#*}"
  pip=("$target/bin/python" -I -m pip install --no-cache-dir --progress-bar off
    --disable-pip-version-check)
  {
    "$PYTHON" -m venv "$target" \
      && TMPDIR=$staging "${pip[@]}" --only-binary :all: --require-hashes \
        --requirement "$staging/requirements.lock" \
      && TMPDIR=$staging "${pip[@]}" --no-deps "$staging/${wheel##*/}"
  } >&2 || fail "pip could not install ${requirements%#*} and $wheel" \
    "wheels for all packages, pinned by hash" \
    "see pip's output above; private subnets need archives"
}

install_environment() {
  local archive=${options[--$role-archive]:-} requirements=${options[--$role-requirements]:-}
  local wheel=${options[--wheel]:-} id=${archive##*=} target
  [[ -n $archive ]] || id=$(sha256sum <<<"${requirements##*=} ${wheel##*=}" | cut -d ' ' -f 1)
  own "$BASE/environments"
  target=$BASE/environments/$id
  if [[ -e $target/.complete ]] && try_environment "$target"; then
    say "the $role's environment is installed already: $versions"
  else
    rm -rf "$target"
    incomplete=$target
    if [[ -n $archive ]]; then
      unpack "$target" "$archive"
    else
      build "$target" "$requirements" "$wheel"
    fi
    try_environment "$target" || fail "the $role's environment does not work: $versions" \
      "Python 3.11 that imports what the $role needs" \
      "build it again; the previous environment stays in use"
    touch "$target/.complete"
    incomplete=''
    say "installed the $role's environment: $versions"
  fi
  [[ "$(readlink "$BASE/environment")" != "environments/$id" ]] || return 0
  ln -s "environments/$id" "$staging/environment"
  mv -fT "$staging/environment" "$BASE/environment" # a rename is atomic: the link always exists
  say "$BASE/environment is now $target"
}

stage_weights() {
  local uri=${1%#*} expected=${1##*=} folder file
  folder=$MODELS/$expected
  file=$folder/${uri##*/}
  if [[ -f $file && $(sha256_of "$file") == "$expected" ]]; then
    say "$file is staged already"
    return
  fi
  [[ ! -e $file ]] || say "$file is damaged"
  fetch "$1" "$staging/weights" 1
  own "$MODELS"
  own "$folder"
  mv -fT "$staging/weights" "$file"
  say "staged $file"
}

main() {
  local uri
  parse "$@"
  trap on_exit EXIT
  trap 'on_error "$LINENO" "$BASH_COMMAND"' ERR
  trap 'say "failed: stopped by a signal; incomplete files are removed"; exit 143' TERM INT HUP
  begin
  if ((${#options[@]} > 0)); then
    ensure_python
    find_role
    install_environment
  fi
  for uri in "${weights[@]}"; do
    stage_weights "$uri"
  done
  say "done in $SECONDS s"
}

main "$@"
