# Written by `inv completion`; bash and zsh both read this part.

__alarm_words() { # KIND: the words of one kind, each with a tab and its meaning
    case $1 in
@CASES@
    esac
}

__alarm_candidates() { # CURRENT WORD…: what may take the place of CURRENT, after WORD…
    local current=$1 task='' previous='' word
    shift
    for word in "$@"; do
        previous=$word
        if [ -n "$(__alarm_words "$word --")" ]; then task=$word; fi
    done
    case $current in
    -*)
        __alarm_words "$task --"
        return
        ;;
    esac
    case $previous in
    --program) previous=$task ;;
    --*) return ;; # its value, which nobody knows
    esac
    if [ -n "$(__alarm_words "$previous program")" ]; then
        __alarm_words "$previous program"
        return
    fi
    case $task in
    *.manage | *.test) ;; # what follows is Django's, or pytest's
    *) __alarm_words tasks ;;
    esac
}

__alarm_is_ours() { # FOLDER: whether it, or one above it, is a checkout of this project
    local folder
    folder=$(cd -- "$1" 2>/dev/null && pwd) || return 1
    while [ -n "$folder" ]; do
        [ -e "$folder/stack/completion/candidates.sh" ] && return
        folder=${folder%/*}
    done
    return 1
}
