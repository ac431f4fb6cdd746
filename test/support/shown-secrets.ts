import { readdir, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'chai'
import type { Security } from '../../scripts/platform/security.ts'
import { kafkaAdmin, kafkaBroker, postgresAdmin } from '../../scripts/platform/security.ts'
import { present } from './customer.ts'
import type { TestSystem } from './shared-system.ts'

/**
 * Asserts that no secret of the system is in `seen` (the command lines and environments of its processes) or in a file
 * that other users can read.
 */
export async function expectNoSecretShown(
  { dir, security, auth }: TestSystem,
  seen: ReadonlySet<string>,
): Promise<void> {
  const secrets = await secretsOf(present(security), auth.privateKeyFile)
  expect(Math.min(...[...secrets.values()].map(({ length }) => length)), 'the shortest').to.be.at.least(32)
  const files = await filesOpenToOthers(dir)
  expect(files.map((file) => path.relative(dir, file))).to.include('logs/payment.log')
  const open = [...seen, ...(await Promise.all(files.map((file) => readFile(file, 'utf8'))))]
  if (process.platform === 'linux') {
    for (const tool of ['kafka.tools.StorageTool', 'kafka.admin.ConfigCommand'])
      expect(
        open.some((text) => text.includes(tool)),
        tool,
      ).to.equal(true)
  }
  const shown = [...secrets].filter(([, secret]) => open.some((text) => text.includes(secret)))
  expect(shown.map(([name]) => name)).to.deep.equal([])
  expect(await filesOpenToOthers(path.join(dir, 'secure', 'secrets'))).to.deep.equal([])
}

/** All secrets of a secure system by name: passwords, and the private part of each key. */
async function secretsOf(security: Security, privateKeyFile: string): Promise<ReadonlyMap<string, string>> {
  const { kafka, postgres, grpc } = security
  const users = [kafkaBroker, kafkaAdmin, ...kafka.users.map(({ name }) => name)]
  const roles = [postgresAdmin, ...postgres.roles.map(({ name }) => name)]
  const { d } = JSON.parse(await readFile(privateKeyFile, 'utf8')) as { readonly d: string }
  const secrets = new Map([
    ['the key that signs tokens', d],
    ["gRPC's key", bodyOf(await readFile(grpc.keyFile, 'utf8'))],
    ["Kafka's key", bodyOf(await readFile(kafka.keyStoreFile, 'utf8'))],
    ["PostgreSQL's key", bodyOf(postgres.server.privateKey)],
  ])
  for (const name of users)
    secrets.set(`Kafka's ${name}`, (await readFile(kafka.passwordFileOf(name), 'utf8')).trim())
  for (const name of roles)
    secrets.set(`PostgreSQL's ${name}`, (await readFile(postgres.passwordFileOf(name), 'utf8')).trim())
  return secrets
}

/** The files below a folder that users other than their owner can read. Files in unreadable folders do not count. */
async function filesOpenToOthers(dir: string): Promise<string[]> {
  const found: string[] = []
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    const file = path.join(dir, entry.name)
    const mode = (await stat(file)).mode & 0o077
    if (entry.isDirectory() && mode !== 0) found.push(...(await filesOpenToOthers(file)))
    else if (entry.isFile() && mode !== 0) found.push(file)
  }
  return found
}

/** The second base64 line of a private key in PEM: the first is the same for all keys of a kind. */
function bodyOf(pem: string): string {
  const key = pem.slice(pem.indexOf('PRIVATE KEY-----'))
  return key.split('\n')[2]?.trim() ?? ''
}
