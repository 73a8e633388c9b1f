#!/usr/bin/env bash
# Run the registry with one account, `cluster`. It takes only a bcrypt hash of the password.
set -euo pipefail

umask 077
perl -e '
    use strict;
    chomp(my $password = <STDIN>);
    open(my $random, "<:raw", "/dev/urandom") or die $!;
    read($random, my $bytes, 22);
    my @letters = (".", "/", "A" .. "Z", "a" .. "z", 0 .. 9);
    my $salt = join "", map { $letters[ord($_) % 64] } split //, $bytes;
    # The last of 22 letters carries two bits only.
    substr($salt, 21, 1) = ".";
    print "cluster:", crypt($password, "\$2y\$10\$$salt"), "\n";
' </run/secrets/registry_password >/tmp/htpasswd
exec docker-registry serve /etc/registry.yml
