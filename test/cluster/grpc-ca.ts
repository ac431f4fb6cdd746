import { X509Certificate } from 'node:crypto'
import { rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { kubectl } from '../support/kubectl.ts'

/** Whom the clients of a release believe: each CA's fingerprint, in the order of `ca.crt`. */
export async function trustedCas(namespace: string, release: string): Promise<string[]> {
  return certificatesIn(await read(namespace, release, 'ca.crt')).map(({ fingerprint256 }) => fingerprint256)
}

/** The CA that has signed the certificate of the release's payment service, of those that its clients believe. */
export async function signingCa(namespace: string, release: string): Promise<string | undefined> {
  const [own] = certificatesIn(await read(namespace, release, 'tls.crt'))
  const cas = certificatesIn(await read(namespace, release, 'ca.crt'))
  return cas.find((ca) => own?.verify(ca.publicKey))?.fingerprint256
}

/** Writes `ca.crt` to a file as it is now, as README tells; clients that have it open take it up. */
export async function writeCaFile(dir: string, namespace: string, release: string): Promise<string> {
  const file = path.join(dir, 'ca.crt')
  await writeFile(`${file}.new`, await read(namespace, release, 'ca.crt'), { mode: 0o600 })
  await rename(`${file}.new`, file)
  return file
}

async function read(namespace: string, release: string, key: string): Promise<string> {
  const output = `jsonpath={.data.${key.replace('.', '\\.')}}`
  const where = ['--namespace', namespace, '--output', output]
  return Buffer.from(await kubectl('get', 'secret', `${release}-payment-grpc`, ...where), 'base64').toString()
}

function certificatesIn(pem: string): X509Certificate[] {
  return (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map(
    (text) => new X509Certificate(text),
  )
}
