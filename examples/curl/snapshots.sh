#!/usr/bin/env bash
# Snapshots from a shell, with nothing but curl and sed:
#
#   snapshots.sh list [AFTER]             a page of ten, after a cursor of the page before
#   snapshots.sh rename UUID NAME
#   snapshots.sh restore UUID NAME KEY    once for each KEY, however often it is run
#   snapshots.sh follow [CURSOR]          one line for each change; reconnects and resumes until it is stopped
#
# GATEWAY is http://HOST:PORT, TOKEN_FILE has the token, FILTER is the beginning of names (letters, digits and spaces). The token is read
# again for each request.
set -euo pipefail

token() { cat "$TOKEN_FILE"; }
code_of() { sed -n 's/.*"extensions":{[^}]*"code":"\([A-Z_]*\)".*/\1/p' <<<"$1" | head -n 1; }
wait_of() { sed -n 's/.*"retryAfterSeconds":\([0-9]*\).*/\1/p' <<<"$1" | head -n 1; }

# A query by GET: curl encodes the document and the variables, so that quotes in them need no care.
get() { # DOCUMENT VARIABLES [curl options]
  curl -sSG "$GATEWAY/graphql" -H "Authorization: Token $(token)" \
    --data-urlencode "query=$1" --data-urlencode "variables=$2" "${@:3}"
}

# A mutation by POST. The document has no quotes and no line breaks.
post() { # DOCUMENT VARIABLES
  curl -sS "$GATEWAY/graphql" -H "Authorization: Token $(token)" -H 'Content-Type: application/json' \
    --data "{\"query\":\"$1\",\"variables\":$2}"
}

# Prints the result. After RATE_LIMITED and the like it tries again; any other error is printed with status 1.
run() { # get|post DOCUMENT VARIABLES
  local result code attempt
  for attempt in 1 2 3 4 5; do
    result=$("$@")
    code=$(code_of "$result")
    case $code in
      RATE_LIMITED | UPSTREAM_UNAVAILABLE | UPSTREAM_BUSY | UPSTREAM_TIMEOUT)
        sleep "$(wait_of "$result" | grep . || echo "$attempt")" ;;
      *) break ;;
    esac
  done
  echo "$result"
  [ -z "$code" ]
}

LIST='query ($filter: SnapshotFilter, $after: String) {
  snapshots(filter: $filter, first: 10, after: $after) {
    totalCount nodes { uuid name state } pageInfo { hasNextPage endCursor }
  }
}'
CHANGES='subscription ($filter: SnapshotFilter, $after: String) {
  snapshotChanges(filter: $filter, after: $after) { kind cursor uuid totalCount snapshot { uuid name state } }
}'
RENAME='mutation ($input: UpdateSnapshotInput!) { updateSnapshot(input: $input) { snapshot { uuid name } userErrors { code field } } }'
RESTORE='mutation ($input: RestoreSnapshotInput!) { restoreSnapshot(input: $input) { volume { uuid } userErrors { code field } } }'

variables() { # AFTER
  local after=null
  [ -z "$1" ] || after="\"$1\""
  echo "{\"filter\":{\"name\":\"${FILTER:-}\"},\"after\":$after}"
}

follow() { # CURSOR
  local cursor=$1 line
  while :; do
    while IFS= read -r line; do
      case $line in
        'data: {"data"'*)
          echo "${line#data: }"
          case $line in
            *'"kind":"RESET"'*) cursor='' ;;
            *'"cursor":"'*) cursor=$(sed 's/.*"cursor":"\([^"]*\)".*/\1/' <<<"$line") ;;
          esac ;;
        # The token may have been renewed meanwhile; other codes tell of a wrong request.
        *'"errors"'*) case $(code_of "$line") in
          RATE_LIMITED | UPSTREAM_* | UNAUTHENTICATED) ;;
          *) echo "$line" && return 1 ;;
        esac ;;
      esac
    done < <(get "$CHANGES" "$(variables "$cursor")" -N -H 'Accept: text/event-stream' 2>/dev/null || true)
    # The connection was lost, or the gateway is restarting.
    sleep 0."$((RANDOM % 5 + 5))"
  done
}

case ${1:-} in
  list) run get "$LIST" "$(variables "${2:-}")" -H 'Accept: application/json' ;;
  rename) run post "$RENAME" "{\"input\":{\"uuid\":\"$2\",\"name\":\"$3\"}}" ;;
  restore) run post "$RESTORE" "{\"input\":{\"uuid\":\"$2\",\"name\":\"$3\",\"idempotencyKey\":\"$4\"}}" ;;
  follow) follow "${2:-}" ;;
  *) sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$0" && exit 2 ;;
esac
