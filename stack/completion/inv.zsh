# For zsh, after compinit: source <(inv completion zsh)
@CANDIDATES@

__alarm_complete() {
    local -a before found shown
    local folder=. line
    before=("${(@)words[2,CURRENT-1]}")
    if [[ ${words[1]:t} == bootstrap ]]; then
        folder=${words[1]:h}
        if (( ${#before} == 0 )); then
            compadd inv nox
            return
        fi
        [[ ${before[1]} == inv ]] || { _default; return }
        shift before
    fi
    if ! __alarm_is_ours "$folder"; then # another project's tasks
        compadd -- ${(f)"$(inv --complete -- "${words[*]}")"}
        return
    fi
    for line in ${(f)"$(__alarm_candidates "${words[CURRENT]}" "${(@)before}")"}; do
        found+=("${line%%$'\t'*}")
        shown+=("${line/$'\t'/  }")
    done
    compadd -l -d shown -a found
}
compdef __alarm_complete inv invoke bootstrap
