// @peculiar/x509's dependency tsyringe needs this import first.
import 'reflect-metadata'
import { randomBytes } from 'node:crypto'
import { isIP } from 'node:net'
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'

/** A certificate and its key, both in PEM, the key as PKCS #8. */
export interface CertifiedKey {
  readonly certificate: string
  readonly privateKey: string
}

/** A certificate authority: a peer that trusts its {@link certificate} accepts the certificates that it signs. */
export interface CertificateAuthority {
  /** In PEM. */
  readonly certificate: string
  /** Issues a certificate for a server or a client with these host names and addresses. */
  issue(commonName: string, hosts: readonly string[]): Promise<CertifiedKey>
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const dayMs = 86_400_000
/** Longer than the life of a local system's folder, and accepted by browsers and Kafka. */
const validForMs = 825 * dayMs

/** Creates an authority for a local system or a test. Its key never leaves this process. */
export async function createAuthority(commonName: string): Promise<CertificateAuthority> {
  const issuer = `CN=${commonName}`
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const authority = await X509CertificateGenerator.createSelfSigned({
    ...validity(),
    name: issuer,
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  })
  return {
    certificate: authority.toString('pem'),
    async issue(name, hosts) {
      const { publicKey, privateKey } = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
      const certificate = await X509CertificateGenerator.create({
        ...validity(),
        subject: `CN=${name}`,
        issuer,
        publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: algorithm,
        extensions: [
          new BasicConstraintsExtension(false, undefined, true),
          new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
          new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
          new SubjectAlternativeNameExtension(
            hosts.map((host) => ({
              type: isIP(host) === 0 ? ('dns' as const) : ('ip' as const),
              value: host,
            })),
          ),
        ],
      })
      return {
        certificate: certificate.toString('pem'),
        privateKey: PemConverter.encode(await crypto.subtle.exportKey('pkcs8', privateKey), 'PRIVATE KEY'),
      }
    },
  }
}

/** The validity begins yesterday, for clocks that are behind. */
function validity() {
  const now = Date.now()
  return {
    // A positive number.
    serialNumber: `01${randomBytes(15).toString('hex')}`,
    notBefore: new Date(now - dayMs),
    notAfter: new Date(now + validForMs),
  }
}
