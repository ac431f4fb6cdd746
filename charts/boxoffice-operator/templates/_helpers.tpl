{{- define "operator.fullname" -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "operator.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: operator
{{- end -}}

{{/* Labels without versions: pods are replaced only when something about them changes. */}}
{{- define "operator.podLabels" -}}
{{ include "operator.selector" . }}
app.kubernetes.io/part-of: boxoffice
{{- end -}}

{{- define "operator.labels" -}}
{{ include "operator.podLabels" . }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "operator.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}{{ .repository }}@{{ .digest }}{{- else -}}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{- end -}}
{{- end -}}
{{- end -}}

{{/* The group and address of each service, as the operator reads them. */}}
{{- define "operator.services" -}}
{{- $pairs := list -}}
{{- range $group, $address := .Values.services -}}
{{- $pairs = append $pairs (printf "%s=%s" $group $address) -}}
{{- end -}}
{{- join "," $pairs -}}
{{- end -}}

{{/*
The addresses of the API server: from the values, or from the cluster's Service and the servers behind it. Both are needed: some
networks apply policies before a packet is routed to a server, others afterwards.
*/}}
{{- define "operator.apiServer" -}}
{{- with .Values.networkPolicy.apiServer -}}
- to:
    {{- toYaml . | nindent 4 }}
  ports:
    {{- range $.Values.networkPolicy.apiServerPorts }}
    - { protocol: TCP, port: {{ . }} }
    {{- end }}
{{- else -}}
{{- $service := lookup "v1" "Service" "default" "kubernetes" -}}
{{- range $ip := ($service.spec).clusterIPs }}
- to: [{ ipBlock: { cidr: {{ include "operator.onlyAddress" $ip }} } }]
  ports: [{ protocol: TCP, port: 443 }]
{{- end -}}
{{- range $slice := (lookup "discovery.k8s.io/v1" "EndpointSlice" "default" "").items -}}
{{- if eq (index $slice.metadata.labels "kubernetes.io/service-name") "kubernetes" }}
- to:
    {{- range $endpoint := $slice.endpoints }}
    {{- range $ip := $endpoint.addresses }}
    - ipBlock: { cidr: {{ include "operator.onlyAddress" $ip }} }
    {{- end }}
    {{- end }}
  ports:
    {{- range $port := $slice.ports }}
    - { protocol: TCP, port: {{ $port.port }} }
    {{- end }}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "operator.onlyAddress" -}}
{{ . }}/{{ contains ":" . | ternary 128 32 }}
{{- end -}}
