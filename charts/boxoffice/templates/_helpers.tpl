{{/* The services, each with its own values over the defaults. */}}
{{- define "boxoffice.services" -}}
{{- $services := dict -}}
{{- range $name, $service := .Values.services -}}
{{- $_ := set $services $name (mustMergeOverwrite (deepCopy $.Values.defaults) $service) -}}
{{- end -}}
{{- toYaml $services -}}
{{- end -}}

{{- define "boxoffice.fullname" -}}
{{- printf "%s-%s" .root.Release.Name .name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "boxoffice.selector" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .name }}
{{- end -}}

{{/* Labels without versions: pods are replaced only when something about them changes. */}}
{{- define "boxoffice.podLabels" -}}
{{ include "boxoffice.selector" . }}
app.kubernetes.io/part-of: boxoffice
{{- end -}}

{{- define "boxoffice.labels" -}}
{{ include "boxoffice.podLabels" . }}
app.kubernetes.io/version: {{ .root.Values.image.tag | default .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end -}}

{{- define "boxoffice.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}{{ .repository }}@{{ .digest }}{{- else -}}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{- end -}}
{{- end -}}
{{- end -}}

{{/* The security contexts that the Pod Security Standard `restricted` requires of a pod, and of a container. */}}
{{- define "boxoffice.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{- define "boxoffice.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: {{ .Values.readOnlyRootFilesystem }}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
capabilities: { drop: [ALL] }
{{- end -}}

{{/* The common beginning of every pod: no token, no variables of other Services, its user, its nodes. */}}
{{- define "boxoffice.podBase" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  {{- include "boxoffice.podSecurity" . | nindent 2 }}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* The services with an API for customers: those without a page. */}}
{{- define "boxoffice.apis" -}}
{{- $apis := list -}}
{{- range $name, $service := .Values.services -}}
{{- if not $service.page -}}{{- $apis = append $apis $name -}}{{- end -}}
{{- end -}}
{{- toJson $apis -}}
{{- end -}}

{{- define "boxoffice.grpcAddress" -}}
dns:///{{ include "boxoffice.fullname" . }}:50051
{{- end -}}

{{/* The addresses that a service with a page needs: the services' APIs, and the metrics of services and relays. */}}
{{- define "boxoffice.pageEnv" -}}
{{- $targets := list -}}
{{- range $name := include "boxoffice.apis" . | fromJsonArray -}}
{{- $part := dict "root" $ "name" $name }}
- name: {{ upper $name }}_ADDRESS
  value: {{ include "boxoffice.grpcAddress" $part }}
{{- range $port := list 9464 9465 -}}
{{- $targets = append $targets (printf "%s:%d" (include "boxoffice.fullname" $part) $port) -}}
{{- end }}
{{- end }}
- name: METRICS_TARGETS
  value: {{ join "," $targets }}
{{- end -}}

{{/* The address, the CA and the pods of a service's PostgreSQL. Takes root and service. */}}
{{- define "boxoffice.postgres" -}}
{{- $database := .service.database -}}
{{- $shared := .root.Values.postgres -}}
{{- with $database.cluster -}}
host: {{ . }}-rw
caSecret: {{ . }}-ca
pods:
  - podSelector: { matchLabels: { cnpg.io/cluster: {{ . | quote }} } }
{{- else -}}
host: {{ $database.host | default $shared.host }}
caSecret: {{ $shared.tls.caSecret }}
pods:
  {{- toYaml .root.Values.networkPolicy.postgres | nindent 2 }}
{{- end -}}
{{- end -}}

{{/* The environment of a process that reaches a database and Kafka. Takes root, service, role and user (none: no credentials). */}}
{{- define "boxoffice.connections" -}}
{{- $values := .root.Values -}}
- name: LOG_LEVEL
  value: {{ $values.logLevel | quote }}
- name: DATABASE_URL
  value: postgres://{{ .role }}@{{ (include "boxoffice.postgres" . | fromYaml).host }}:{{ $values.postgres.port }}/{{ .service.database.name }}
- name: DATABASE_PASSWORD_FILE
  value: /run/boxoffice/database/password
{{- if $values.postgres.tls.enabled }}
- name: DATABASE_TLS_CA_FILE
  value: /run/boxoffice/database/ca.crt
{{- end }}
- name: KAFKA_BROKERS
  value: {{ $values.kafka.brokers | quote }}
{{- if .user }}
{{- with $values.tracing.endpoint }}
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  value: {{ . }}
{{- end }}
{{- if $values.kafka.tls.enabled }}
- name: KAFKA_TLS_CA_FILE
  value: /run/boxoffice/kafka/ca.crt
{{- end }}
{{- if $values.kafka.sasl.enabled }}
- name: KAFKA_SASL_USERNAME
  value: {{ .user }}
- name: KAFKA_SASL_PASSWORD_FILE
  value: /run/boxoffice/kafka/password
{{- end }}
{{- end }}
{{- end -}}

{{- define "boxoffice.auth" -}}
- name: AUTH_JWKS
  value: {{ .Values.auth.jwksUrl | default "/run/boxoffice/auth/jwks.json" }}
- name: AUTH_ISSUER
  value: {{ .Values.auth.issuer | quote }}
- name: AUTH_AUDIENCE
  value: {{ .Values.auth.audience | quote }}
{{- with .Values.auth.tokenLifeMaxMs }}
- name: AUTH_TOKEN_LIFE_MAX_MS
  value: {{ int64 . | quote }}
{{- end }}
{{- end -}}

{{/*
One volume with every secret that a process needs, as files, which change in place with the Secret. Takes root, service, role and
user, and further sources.
*/}}
{{- define "boxoffice.secrets" -}}
{{- $values := .root.Values -}}
projected:
  defaultMode: 0440
  sources:
    - secret:
        name: {{ include "boxoffice.passwordSecret" (list .root .role) }}
        items: [{ key: password, path: database/password }]
    {{- if $values.postgres.tls.enabled }}
    - secret:
        name: {{ (include "boxoffice.postgres" . | fromYaml).caSecret }}
        items: [{ key: ca.crt, path: database/ca.crt }]
    {{- end }}
    {{- if .user }}
    {{- if $values.kafka.sasl.enabled }}
    - secret:
        name: {{ .user }}
        items: [{ key: password, path: kafka/password }]
    {{- end }}
    {{- if $values.kafka.tls.enabled }}
    - secret:
        name: {{ $values.kafka.tls.caSecret }}
        items: [{ key: ca.crt, path: kafka/ca.crt }]
    {{- end }}
    {{- end }}
    {{- if .auth }}
    {{- if not $values.auth.jwksUrl }}
    - configMap:
        name: {{ $values.auth.jwksConfigMap }}
        items: [{ key: jwks.json, path: auth/jwks.json }]
    {{- end }}
    {{- end }}
    {{- if .grpcCertificate }}
    - secret:
        name: {{ .grpcCertificate }}
        items:
          - { key: tls.crt, path: grpc/tls.crt }
          - { key: tls.key, path: grpc/tls.key }
          {{- if .callsOthers }}
          - { key: ca.crt, path: grpc/ca.crt }
          {{- end }}
    {{- end }}
{{- end -}}

{{- define "boxoffice.passwordSecret" -}}
{{- $root := index . 0 -}}
{{- $root.Values.postgres.passwordSecretPrefix }}{{ index . 1 | replace "_" "-" -}}
{{- end -}}

{{- define "boxoffice.env" -}}
{{- range $name, $value := . }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end -}}

{{/* A hook of the given weight, for resources that migrations need before an install and an upgrade. */}}
{{- define "boxoffice.migrationHook" -}}
helm.sh/hook: pre-install,pre-upgrade
helm.sh/hook-weight: {{ . | quote }}
helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end -}}

{{/* The readiness probe. Kubernetes' own gRPC probe has no TLS; /readyz reports the same. */}}
{{- define "boxoffice.readiness" -}}
{{- if . -}}
httpGet: { path: /readyz, port: metrics }
{{- else -}}
grpc: { port: 50051 }
{{- end -}}
{{- end -}}

{{/* Egress to the databases of some services, and to DNS. Takes root and services. */}}
{{- define "boxoffice.egressToDatabases" -}}
{{- $values := .root.Values -}}
{{- $places := list -}}
{{- range $_, $service := .services -}}
{{- $places = append $places (include "boxoffice.postgres" (dict "root" $.root "service" $service) | fromYaml).pods -}}
{{- end -}}
- to:
    {{- toYaml $values.networkPolicy.dns | nindent 4 }}
  ports: [{ protocol: UDP, port: 53 }, { protocol: TCP, port: 53 }]
{{- range $pods := $places | uniq }}
- to:
    {{- toYaml $pods | nindent 4 }}
  ports: [{ protocol: TCP, port: {{ $values.postgres.port }} }]
{{- end }}
{{- end -}}

{{/* The port of tracing.endpoint. */}}
{{- define "boxoffice.collectorPort" -}}
{{- $url := urlParse .Values.tracing.endpoint -}}
{{- regexFind "[0-9]+$" (regexFind ":[0-9]+$" $url.host) | default (eq $url.scheme "https" | ternary "443" "80") -}}
{{- end -}}

{{/* The ports of kafka.brokers, each once. */}}
{{- define "boxoffice.kafkaPorts" -}}
{{- $ports := list -}}
{{- range splitList "," .Values.kafka.brokers -}}
{{- $ports = append $ports (regexFind "[0-9]+$" . | int) -}}
{{- end -}}
{{- $ports | uniq | toJson -}}
{{- end -}}
