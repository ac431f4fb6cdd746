import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose'

/** The keys that sign tokens here, and the values that services check. */
export interface AuthFiles {
  readonly issuer: string
  readonly audience: string
  /** The public keys, which the services read (AUTH_JWKS). */
  readonly jwksFile: string
  /** The private key as a JWK, which `npx boxoffice token` signs with. */
  readonly privateKeyFile: string
}

const algorithm = 'ES256'

/** Makes the key pair of a local system, once per folder. */
export async function ensureAuth(dir: string): Promise<AuthFiles> {
  const auth: AuthFiles = {
    issuer: 'boxoffice',
    audience: 'boxoffice',
    jwksFile: path.join(dir, 'jwks.json'),
    privateKeyFile: path.join(dir, 'private-key.json'),
  }
  if (existsSync(auth.jwksFile)) return auth
  await mkdir(path.dirname(dir), { recursive: true })
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true })
  const marks = { kid: 'local-1', alg: algorithm, use: 'sig' }
  await writeFile(auth.privateKeyFile, JSON.stringify({ ...(await exportJWK(privateKey)), ...marks }), {
    mode: 0o600,
  })
  // Written last, and atomically: if this file exists, the pair is complete.
  const temporary = `${auth.jwksFile}.${process.pid}`
  await writeFile(temporary, JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), ...marks }] }))
  await rename(temporary, auth.jwksFile)
  return auth
}

export interface TokenClaims {
  /** The subject of the token. */
  readonly subject: string
  /** `admin` may create concerts and operate. */
  readonly roles?: readonly string[]
  /** The life of the token, in seconds. */
  readonly validForSeconds?: number
}

/** Signs a bearer token as the identity provider of a local system would. */
export async function signToken(auth: Omit<AuthFiles, 'jwksFile'>, claims: TokenClaims): Promise<string> {
  const jwk = JSON.parse(await readFile(auth.privateKeyFile, 'utf8')) as JWK
  const key = await importJWK(jwk, algorithm)
  return await new SignJWT({ roles: claims.roles ?? [] })
    .setProtectedHeader({ alg: algorithm, kid: jwk.kid ?? '' })
    .setSubject(claims.subject)
    .setIssuer(auth.issuer)
    .setAudience(auth.audience)
    .setIssuedAt()
    .setExpirationTime(Math.floor(Date.now() / 1000) + (claims.validForSeconds ?? 3_600))
    .sign(key)
}
