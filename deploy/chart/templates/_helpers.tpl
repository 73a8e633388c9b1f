{{/* The names of a release's objects: the release's own, with the chart's unless it has that. */}}
{{- define "alarm.name" -}}
{{- $name := contains .Chart.Name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name .Chart.Name) -}}
{{- trunc 48 $name | trimSuffix "-" -}}
{{- end -}}

{{- define "alarm.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "alarm.labels" -}}
{{ include "alarm.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "alarm.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The Secrets that hold what the app reads from files. */}}
{{- define "alarm.keys" -}}
{{ .Values.secrets.existingSecret | default (include "alarm.name" .) }}
{{- end -}}

{{- define "alarm.databaseSecret" -}}
{{- if .Values.database.cloudNativePG.enabled -}}
{{ include "alarm.name" . }}-db-app
{{- else -}}
{{ .Values.database.existingSecret | default (include "alarm.name" .) }}
{{- end -}}
{{- end -}}

{{/* Of the key: a Secret of one's own has `password`, and that of the chart tells two apart. */}}
{{- define "alarm.databaseKey" -}}
{{- $own := or .Values.database.cloudNativePG.enabled .Values.database.existingSecret -}}
{{ $own | empty | ternary "database_password" "password" }}
{{- end -}}

{{- define "alarm.caSecret" -}}
{{- if .Values.database.cloudNativePG.enabled -}}
{{ include "alarm.name" . }}-db-ca
{{- else if .Values.database.caSecret -}}
{{ .Values.database.caSecret }}
{{- else if .Values.database.ca -}}
{{ include "alarm.name" . }}
{{- end -}}
{{- end -}}

{{- define "alarm.databaseUrl" -}}
{{- if .Values.database.cloudNativePG.enabled -}}
postgresql://alarm@{{ include "alarm.name" . }}-db-rw/alarm_db?sslmode=verify-full
{{- else -}}
{{ .Values.database.url }}
{{- end -}}
{{- end -}}

{{- define "alarm.hasMqttPassword" -}}
{{- if or .Values.mqtt.existingSecret .Values.mqtt.password -}}yes{{- end -}}
{{- end -}}

{{/* Whether more than one pod may run at a time. */}}
{{- define "alarm.isShared" -}}
{{- if or .Values.autoscaling.enabled (gt (int .Values.replicas) 1) (eq .Values.strategy "RollingUpdate") -}}yes{{- end -}}
{{- end -}}

{{/* Of each container: the restricted profile of the Pod Security Standards, for any user. */}}
{{- define "alarm.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities:
  drop: [ALL]
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "alarm.podSecurity" -}}
runAsNonRoot: true
{{- with .Values.pod.runAsUser }}
runAsUser: {{ int64 . }}
{{- end }}
{{- with .Values.pod.fsGroup }}
fsGroup: {{ int64 . }}
fsGroupChangePolicy: OnRootMismatch
{{- end }}
seccompProfile:
  type: RuntimeDefault
{{- end -}}
