import { X509Certificate } from 'node:crypto'
import { rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { kubectl } from '../support/kubectl.ts'

/** The fingerprints of the CAs that the clients of a release trust, in the order of `ca.crt`. */
export async function trustedCas(namespace: string, release: string): Promise<string[]> {
  return certificatesIn(await read(namespace, release, 'ca.crt')).map(({ fingerprint256 }) => fingerprint256)
}

/** The CA, out of those that clients trust, that has signed the certificate of the release's payment service. */
export async function signingCa(namespace: string, release: string): Promise<string | undefined> {
  const [own] = certificatesIn(await read(namespace, release, 'tls.crt'))
  const cas = certificatesIn(await read(namespace, release, 'ca.crt'))
  return cas.find((ca) => own?.verify(ca.publicKey))?.fingerprint256
}

/** Writes the current `ca.crt` to a file, as in the README; clients that use the file read it again. */
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
