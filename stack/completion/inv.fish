# For fish: inv completion fish | source

function __alarm_words --argument-names kind
    switch $kind
@CASES@
    end
end

function __alarm_candidates
    set --local words (commandline --tokenize --cut-at-cursor --current-process)
    set --local current (commandline --current-token --cut-at-cursor)
    set --local folder .
    if string match --quiet '*bootstrap' -- $words[1]
        set folder (dirname -- $words[1])
        if test (count $words) -eq 1
            printf '%s\n' inv nox
            return
        end
        test $words[2] = inv; or return
        set --erase words[1]
    end
    if not __alarm_is_ours $folder # another project's tasks
        inv --complete -- "$words"
        return
    end
    set --erase words[1]
    set --local task ''
    for word in $words
        if test -n "$(__alarm_words "$word --")"
            set task $word
        end
    end
    if string match --quiet -- '-*' $current
        __alarm_words "$task --"
        return
    end
    set --local previous "$words[-1]"
    switch $previous
        case --program
            set previous $task
        case '--*' # its value, which nobody knows
            return
    end
    if test -n "$(__alarm_words "$previous program")"
        __alarm_words "$previous program"
        return
    end
    switch $task
        case '*.manage' '*.test' # what follows is Django's, or pytest's
        case '*'
            __alarm_words tasks
    end
end

function __alarm_is_ours --argument-names folder
    set folder (realpath -- $folder 2>/dev/null); or return 1
    while test -n "$folder"
        test -e $folder/stack/completion/candidates.sh; and return
        set folder (string replace --regex '/[^/]*$' '' -- $folder)
    end
    return 1
end

complete --command inv --command invoke --command bootstrap --no-files --arguments '(__alarm_candidates)'
