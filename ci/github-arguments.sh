# Sourced by the steps of action.yml: the action's inputs as options that every command takes, in `arguments`, and the
# paths in `paths`. Inputs come as variables and are never part of a script, so that no branch name can become code.
arguments=(--tracked-only)
[ -z "$CONFIG" ] || arguments+=(--config "$CONFIG")
[ -z "$SHARD" ] || arguments+=(--shard "$SHARD")
while IFS= read -r cluster; do
  [ -z "$cluster" ] || arguments+=(--cluster "$cluster")
done <<< "$(printf '%s' "$CLUSTERS" | tr ', ' '\n\n')"
paths=()
while IFS= read -r path; do
  [ -z "$path" ] || paths+=("$path")
done <<< "$PATHS"
