{{/* What preparing the database and serving have in common. */}}
{{- define "alarm.container" -}}
image: {{ include "alarm.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext: {{- include "alarm.containerSecurity" . | nindent 2 }}
resources: {{- toYaml .Values.resources | nindent 2 }}
envFrom:
  - configMapRef: { name: {{ include "alarm.name" . }} }
volumeMounts:
  - { name: tmp, mountPath: /tmp }
  - { name: run, mountPath: /run/app }
  # Not in /run/secrets, where admission controllers mount tokens.
  - { name: keys, mountPath: /etc/alarm/keys, readOnly: true }
  - { name: database, mountPath: /etc/alarm/database, readOnly: true }
  {{- if include "alarm.caSecret" . }}
  - { name: database-ca, mountPath: /etc/alarm/database-ca, readOnly: true }
  {{- end }}
  {{- if include "alarm.hasMqttPassword" . }}
  - { name: mqtt, mountPath: /etc/alarm/mqtt, readOnly: true }
  {{- end }}
  {{- if .Values.media.enabled }}
  - { name: media, mountPath: /app/media }
  {{- end }}
{{- end -}}
