# shellcheck shell=bash
# For bash: source <(inv completion bash)
@CANDIDATES@

__alarm_reply() { # CURRENT: those of the lines read that begin like it, without their meanings
    local line
    while IFS=$'\t' read -r line _; do
        if [[ $line == "$1"* ]]; then COMPREPLY+=("$line"); fi
    done
}

__alarm_complete() {
    local words=("${COMP_WORDS[@]:1:COMP_CWORD-1}") current=${COMP_WORDS[COMP_CWORD]} folder=.
    COMPREPLY=()
    if [[ ${1##*/} == bootstrap ]]; then
        folder=$(dirname -- "$1")
        if [ ${#words[@]} -eq 0 ]; then
            __alarm_reply "$current" < <(printf '%s\n' inv nox)
            return
        fi
        [[ ${words[0]} == inv ]] || return
        words=("${words[@]:1}")
    fi
    if ! __alarm_is_ours "$folder"; then # another project's tasks
        __alarm_reply "$current" < <(inv --complete -- "${COMP_WORDS[*]}" 2>/dev/null)
        return
    fi
    # bash takes `--program=vite` for three words.
    if [[ $current == = ]]; then
        current=
    elif [[ ${#words[@]} -gt 0 && ${words[${#words[@]} - 1]} == = ]]; then
        unset "words[$((${#words[@]} - 1))]"
    fi
    __alarm_reply "$current" < <(__alarm_candidates "$current" "${words[@]}")
}
complete -o default -F __alarm_complete inv invoke bootstrap
