import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'

/** A key pair. A service that is given `jwksFile` accepts its tokens. */
export interface TestAuth {
  /** AUTH_JWKS for the service under test. */
  readonly jwksFile: string
  readonly issuer: string
  readonly audience: string
  token(subject: string, options?: TokenOptions): Promise<string>
  /** Removes the file. */
  dispose(): Promise<void>
}

export interface TokenOptions {
  readonly roles?: readonly string[]
  /** Seconds from now; a negative number creates an expired token. */
  readonly expiresInS?: number
  readonly issuer?: string
  readonly audience?: string
}

export async function createTestAuth({
  algorithm = 'ES256',
}: {
  algorithm?: string
} = {}): Promise<TestAuth> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm)
  const dir = await mkdtemp(path.join(tmpdir(), 'boxoffice-auth-'))
  const jwksFile = path.join(dir, 'jwks.json')
  const key = { ...(await exportJWK(publicKey)), kid: 'test', alg: algorithm, use: 'sig' }
  await writeFile(jwksFile, JSON.stringify({ keys: [key] }))
  const issuer = 'boxoffice'
  const audience = 'boxoffice'
  return {
    jwksFile,
    issuer,
    audience,
    token: (subject, options = {}) =>
      new SignJWT({ roles: [...(options.roles ?? [])] })
        .setProtectedHeader({ alg: algorithm, kid: 'test' })
        .setSubject(subject)
        .setIssuer(options.issuer ?? issuer)
        .setAudience(options.audience ?? audience)
        .setIssuedAt()
        .setExpirationTime(Math.floor(Date.now() / 1000) + (options.expiresInS ?? 3600))
        .sign(privateKey),
    dispose: () => rm(dir, { recursive: true, force: true }),
  }
}
