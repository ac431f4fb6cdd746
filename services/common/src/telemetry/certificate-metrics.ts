import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Metrics } from './metrics.ts'

/** The settings of a process that name certificate files. */
export interface CertificateFiles {
  readonly grpcTlsCertFile?: string | undefined
  readonly grpcTlsCaFile?: string | undefined
  readonly kafkaTlsCaFile?: string | undefined
  readonly databaseTlsCaFile?: string | undefined
}

const variables: Readonly<Record<keyof CertificateFiles, string>> = {
  grpcTlsCertFile: 'GRPC_TLS_CERT_FILE',
  grpcTlsCaFile: 'GRPC_TLS_CA_FILE',
  kafkaTlsCaFile: 'KAFKA_TLS_CA_FILE',
  databaseTlsCaFile: 'DATABASE_TLS_CA_FILE',
}

/**
 * Measures at each scrape when the certificates in the process's files expire: the earliest expiry of each file. A
 * file that cannot be read has no sample.
 */
export function observeCertificates(metrics: Metrics, files: CertificateFiles): void {
  metrics.gauge({
    name: 'boxoffice_certificate_expiry_timestamp_seconds',
    help: 'When the first certificate of the file ends, in seconds since 1970',
    labelNames: ['file'],
    async collect() {
      this.reset()
      for (const [setting, variable] of Object.entries(variables)) {
        const file = files[setting as keyof CertificateFiles]
        const seconds = file === undefined ? undefined : await firstEndIn(file)
        if (seconds !== undefined) this.set({ file: variable }, seconds)
      }
    },
  })
}

async function firstEndIn(file: string): Promise<number | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '')
  const ends = (text.match(certificate) ?? []).map(endOf).filter((end) => end !== undefined)
  return ends.length === 0 ? undefined : Math.min(...ends)
}

const certificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

function endOf(pem: string): number | undefined {
  try {
    return new X509Certificate(pem).validToDate.getTime() / 1000
  } catch {
    return undefined
  }
}
