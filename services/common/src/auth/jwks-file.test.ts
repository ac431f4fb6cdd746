import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from 'chai'
import { errors, jwtVerify } from 'jose'
import { createTestAuth, type TestAuth } from '../testing/auth.ts'
import { createJwksFile } from './jwks-file.ts'

describe('a JWKS file', () => {
  let dir: string
  let file: string
  let first: TestAuth
  let second: TestAuth
  before(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'boxoffice-jwks-'))
    file = path.join(dir, 'jwks.json')
    first = await createTestAuth()
    second = await createTestAuth()
  })
  beforeEach(() => copyFile(first.jwksFile, file))
  after(async () => {
    await Promise.all([first.dispose(), second.dispose(), rm(dir, { recursive: true, force: true })])
  })

  const verify = async (jwks: ReturnType<typeof createJwksFile>, auth: TestAuth): Promise<unknown> =>
    (await jwtVerify(await auth.token('alice'), await jwks.read())).payload.sub

  it('is read again when it has changed', async () => {
    const jwks = createJwksFile(file, 0)
    expect(await verify(jwks, first)).to.equal('alice')
    await copyFile(second.jwksFile, file)
    expect(await verify(jwks, second)).to.equal('alice')
    const withdrawn = await verify(jwks, first).catch((error: unknown) => error)
    expect(withdrawn).to.be.instanceOf(errors.JOSEError)
  })

  it('is not checked again too soon', async () => {
    const jwks = createJwksFile(file, 60_000)
    const keys = await jwks.read()
    await copyFile(second.jwksFile, file)
    expect(await jwks.read()).to.equal(keys)
  })

  it('keeps its keys in force while it is broken or missing', async () => {
    const jwks = createJwksFile(file, 0)
    await jwks.read()
    await writeFile(file, '{ "keys": [')
    expect(await verify(jwks, first)).to.equal('alice')
    await rm(file)
    expect(await verify(jwks, first)).to.equal('alice')
  })

  it('fails if it never existed', async () => {
    const failure = await createJwksFile(path.join(dir, 'none'))
      .read()
      .catch((error: unknown) => error)
    expect(failure).to.have.property('code', 'ENOENT')
  })
})
