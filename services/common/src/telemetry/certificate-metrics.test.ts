import { X509Certificate } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from 'chai'
import { createAuthority } from '../../../../scripts/platform/certificates.ts'
import { observeCertificates } from './certificate-metrics.ts'
import { createMetrics } from './metrics.ts'

describe('The expiry times of certificates', () => {
  let dir: string
  let file: string
  beforeEach(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'boxoffice-certificates-'))
    file = path.join(dir, 'ca.crt')
  })
  afterEach(async () => await rm(dir, { recursive: true, force: true }))

  async function values(): Promise<[string | number | undefined, number][]> {
    const gauge = metrics.registry.getSingleMetric('boxoffice_certificate_expiry_timestamp_seconds')
    return ((await gauge?.get())?.values ?? []).map(({ labels, value }) => [labels.file, value])
  }
  let metrics: ReturnType<typeof createMetrics>
  beforeEach(() => {
    metrics = createMetrics('test')
    observeCertificates(metrics, { kafkaTlsCaFile: file, grpcTlsCaFile: undefined })
  })

  it('are measured for each file, also after it is replaced', async () => {
    const { certificate } = await createAuthority('one')
    await writeFile(file, certificate)
    const end = new X509Certificate(certificate).validToDate.getTime() / 1000
    expect(await values()).to.deep.equal([['KAFKA_TLS_CA_FILE', end]])
    await writeFile(file, `${certificate}\n${shortLived}`)
    expect(await values(), 'the earliest expiry counts').to.deep.equal([
      ['KAFKA_TLS_CA_FILE', Date.parse('2026-12-01T00:00:00Z') / 1000],
    ])
  })

  it('are not measured for a file that is missing or has no certificate', async () => {
    expect(await values()).to.deep.equal([])
    await writeFile(file, '-----BEGIN CERTIFICATE-----\nbm9uZQ==\n-----END CERTIFICATE-----')
    expect(await values()).to.deep.equal([])
  })
})

/** Expires at the end of November 2026. */
const shortLived = `-----BEGIN CERTIFICATE-----
MIIBGzCBwQIUIkKq1CK+RCUftUIhNjcYLUfyG8swCgYIKoZIzj0EAwIwEDEOMAwG
A1UEAwwFc2hvcnQwHhcNMjYxMTAxMDAwMDAwWhcNMjYxMjAxMDAwMDAwWjAQMQ4w
DAYDVQQDDAVzaG9ydDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABD5erQLPRKXs
PRKaq2DVZo8VfLBIG2nw8dNcPhzW7IWTl4f7kGP/W/5I5nnyfk0AItzAGq5Z5AUo
DoYy4blNBUYwCgYIKoZIzj0EAwIDSQAwRgIhANaUNvMrbWL7O7Q4LLrOl4w1mE0+
mdvRKXDkpLPwVV+QAiEAjd5fioa9k3QBg3E9Sa+FAA8jJlx06ozXR0iHo2XiLp0=
-----END CERTIFICATE-----`
