{{/* What values.schema.json cannot say in a sentence. Two lines each: what is wrong, what to set. */}}
{{- define "alarm.refusals" -}}
{{- with .Values -}}
{{- if not .image.repository -}}
{{- fail "\nThe chart has no image to run.\nSet image.repository to where you have pushed it; docs/kubernetes.md says how it is built" -}}
{{- end -}}
{{- if and .secrets.existingSecret (or .secrets.secretKey .secrets.pinPepper) -}}
{{- fail "\nThe app's secrets are given twice.\nSet either secrets.existingSecret, or secrets.secretKey and secrets.pinPepper" -}}
{{- end -}}
{{- if not (or .secrets.existingSecret (and .secrets.secretKey .secrets.pinPepper)) -}}
{{- fail "\nThe app has no secret key and no PIN pepper.\nSet secrets.existingSecret to a Secret with the keys secret_key and pin_pepper, or set secrets.secretKey and secrets.pinPepper" -}}
{{- end -}}
{{- with .database -}}
{{- if and .cloudNativePG.enabled (or .url .existingSecret .password .ca .caSecret .appUser) -}}
{{- fail "\nThe database is given twice.\nSet either database.cloudNativePG.enabled, or database.url with its password" -}}
{{- end -}}
{{- if not .cloudNativePG.enabled -}}
{{- if not .url -}}
{{- fail "\nThe app has no database.\nSet database.url, as in postgresql://alarm@db.example.org/alarm_db?sslmode=verify-full, or database.cloudNativePG.enabled=true" -}}
{{- end -}}
{{- range list .url .directUrl -}}
{{- if regexMatch "^[a-z]+://[^/@]*:[^/@]*@|[?&]password=" . -}}
{{- fail "\nAn address of the database has a password in it, which each reader of the pod could see.\nSet database.existingSecret or database.password, and take it out of the address" -}}
{{- end -}}
{{- end -}}
{{- if and .existingSecret (or .password .appPassword) -}}
{{- fail "\nThe database's password is given twice.\nSet either database.existingSecret or database.password" -}}
{{- end -}}
{{- if not (or .existingSecret .password) -}}
{{- fail "\nThe database has no password.\nSet database.existingSecret to a Secret with the key password, or set database.password" -}}
{{- end -}}
{{- if and .appUser (not (or .existingSecret .appPassword)) -}}
{{- fail "\nThe role of database.appUser has no password.\nPut it into database.existingSecret as app_password, or set database.appPassword" -}}
{{- end -}}
{{- if and .ca .caSecret -}}
{{- fail "\nThe authority of the database's certificate is given twice.\nSet either database.ca or database.caSecret" -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and .mqtt.existingSecret .mqtt.password -}}
{{- fail "\nThe broker's password is given twice.\nSet either mqtt.existingSecret or mqtt.password" -}}
{{- end -}}
{{- if and (not .mqtt.host) (or .mqtt.existingSecret .mqtt.password .mqtt.username) -}}
{{- fail "\nThe broker has a login and no address.\nSet mqtt.host" -}}
{{- end -}}
{{- if .ingress.enabled -}}
{{- if not .ingress.host -}}
{{- fail "\nThe Ingress has no host name.\nSet ingress.host, as in panel.example.org" -}}
{{- end -}}
{{- if not (get .settings "TRUSTED_PROXIES") -}}
{{- fail "\nThe addresses of the ingress controller are not known, so all clients would share one, and one could lock out all.\nSet settings.TRUSTED_PROXIES to the network of its pods, as in 10.244.0.0/16" -}}
{{- end -}}
{{- if and .networkPolicy.enabled (not .networkPolicy.fromNamespaces) (not .networkPolicy.fromNetworks) -}}
{{- fail "\nThe network policy lets no client reach the panel.\nSet networkPolicy.fromNamespaces to the ingress controller's namespace, as in {traefik}" -}}
{{- end -}}
{{- end -}}
{{- if and .media.enabled (not .media.existingClaim) (eq .media.accessMode "ReadWriteOnce") (include "alarm.isShared" $) -}}
{{- fail "\nA ReadWriteOnce volume cannot be mounted by pods on several nodes.\nSet media.accessMode=ReadWriteMany; or replicas=1, strategy=Recreate and autoscaling.enabled=false" -}}
{{- end -}}
{{- if and .autoscaling.enabled (gt (int .autoscaling.minReplicas) (int .autoscaling.maxReplicas)) -}}
{{- fail "\nThe autoscaler's lowest number of pods is above its highest.\nSet autoscaling.maxReplicas to at least autoscaling.minReplicas" -}}
{{- end -}}
{{- if and .autoscaling.enabled (not (dig "requests" "cpu" "" .resources)) -}}
{{- fail "\nThe autoscaler has no request for processors to measure against.\nSet resources.requests.cpu" -}}
{{- end -}}
{{- end -}}
{{- end -}}
