{{/*
The source of the services' certificates: chart, cert-manager or secrets. A CA of the chart stays in force when cert-manager is installed
later, so that the trusted CA never changes by itself.
*/}}
{{- define "boxoffice.grpcSource" -}}
{{- $tls := .Values.grpc.tls -}}
{{- if ne $tls.source "auto" -}}
{{- $tls.source -}}
{{- else if $tls.issuer.name -}}
cert-manager
{{- else if lookup "v1" "Secret" .Release.Namespace (include "boxoffice.grpcCaSecret" .) -}}
chart
{{- else -}}
{{- .Capabilities.APIVersions.Has "cert-manager.io/v1" | ternary "cert-manager" "chart" -}}
{{- end -}}
{{- end -}}

{{- define "boxoffice.grpcCaSecret" -}}
{{ .Release.Name }}-grpc-ca
{{- end -}}

{{/* The host names of a service: its headless Service's, and this machine's, for `kubectl port-forward`. */}}
{{- define "boxoffice.grpcNames" -}}
{{- $fullname := include "boxoffice.fullname" . -}}
{{- $qualified := printf "%s.%s" $fullname .root.Release.Namespace -}}
{{- $svc := printf "%s.svc" $qualified -}}
{{- list $fullname $qualified $svc (printf "%s.%s" $svc .root.Values.grpc.tls.clusterDomain) "localhost" | toJson -}}
{{- end -}}

{{/*
The chart's CA, as JSON: the present signer and trusted CAs (the content of ca.crt), and the data to keep for the next upgrade.
`grpc.tls.chart.rotation` replaces the CA in three upgrades, so that no client gets a certificate of an unknown CA: begin (both are
trusted), switch (the new one signs), and empty again (the old one is removed).
*/}}
{{- define "boxoffice.grpcCa" -}}
{{- $rotation := .Values.grpc.tls.chart.rotation -}}
{{- $secret := lookup "v1" "Secret" .Release.Namespace (include "boxoffice.grpcCaSecret" .) | default dict -}}
{{- $kept := $secret.data | default dict -}}
{{- $state := ($secret.metadata).annotations | default dict -}}
{{- $phase := index $state "boxoffice.dev/rotation" | default "" -}}
{{- $now := now | unixEpoch | int64 -}}
{{- $since := index $state "boxoffice.dev/rotation-since" | default "0" | int64 -}}
{{- $current := dict "crt" (index $kept "tls.crt") "key" (index $kept "tls.key") -}}
{{- $next := dict "crt" (index $kept "next.crt") "key" (index $kept "next.key") -}}
{{- $forward := or (and (eq $phase "begin") (eq $rotation "switch")) (and (eq $phase "switch") (eq $rotation "")) -}}
{{- if and $forward (lt (sub $now $since) 120) -}}
{{- fail (printf "grpc.tls.chart.rotation: mounted files are replaced within two minutes, and %q is younger. Wait for as long" $phase) -}}
{{- end -}}
{{- if and (eq $rotation "switch") (not $next.crt) -}}
{{- fail "grpc.tls.chart.rotation: switch needs a CA that begin has made" -}}
{{- end -}}
{{- if not $current.crt -}}
{{- $current = include "boxoffice.newGrpcCa" . | fromJson -}}
{{- end -}}
{{- if eq $rotation "" -}}
{{- if eq $phase "switch" -}}{{- $current = $next -}}{{- end -}}
{{- $next = dict -}}
{{- else if not $next.crt -}}
{{- $next = include "boxoffice.newGrpcCa" . | fromJson -}}
{{- end -}}
{{- $trusted := $current.crt | b64dec -}}
{{- if $next.crt -}}{{- $trusted = printf "%s%s" $trusted ($next.crt | b64dec) -}}{{- end -}}
{{- dict "current" $current "next" $next "signer" (eq $rotation "switch" | ternary $next $current) "trusted" $trusted "since" (eq $phase $rotation | ternary $since $now) | toJson -}}
{{- end -}}

{{- define "boxoffice.newGrpcCa" -}}
{{- $ca := genCAWithKey (printf "%s gRPC" .Release.Name) (int .Values.grpc.tls.chart.caValidityDays) (genPrivateKey "ecdsa") -}}
{{- dict "crt" ($ca.Cert | b64enc) "key" ($ca.Key | b64enc) | toJson -}}
{{- end -}}
