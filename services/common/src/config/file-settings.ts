import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { openSecretFile } from './secret-file.ts'
import type { Setting } from './settings.ts'

/** A PEM file with certificates, such as trusted CAs. */
export function certificatesFile(variable: string): Setting<string> {
  return fileSetting(variable, 'the path of a PEM file with certificates', (path) => {
    certificatesIn(path)
  })
}

export function privateKeyFile(variable: string): Setting<string> {
  return fileSetting(variable, 'the path of a PEM file with a private key', (path) => {
    createPrivateKey(readFileSync(path))
  })
}

/** A file with one secret on one line. */
export function passwordFile(variable: string): Setting<string> {
  return fileSetting(variable, 'the path of a file with a password', (path) => {
    if (openSecretFile(path).read().includes('\n')) throw new Error('it has several lines')
  })
}

/** Whether the key belongs to the first certificate. @throws Error if one of the files cannot be read */
export function isPair(certificateFile: string, keyFile: string): boolean {
  return new X509Certificate(readFileSync(certificateFile)).checkPrivateKey(
    createPrivateKey(readFileSync(keyFile)),
  )
}

/** The certificates of the file. @throws Error if it has none, or one is malformed */
function certificatesIn(path: string): X509Certificate[] {
  const blocks = readFileSync(path, 'utf8').match(
    /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g,
  )
  if (blocks === null) throw new Error('it has no certificate')
  return blocks.map((block) => new X509Certificate(block))
}

function fileSetting(variable: string, takes: string, check: (path: string) => void): Setting<string> {
  return {
    variable,
    takes,
    parse(path) {
      check(path)
      return path
    },
  }
}
