import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { expect } from 'chai'

const bin = path.join(import.meta.dirname, 'bin.ts')

describe('outbox-relay on the command line', () => {
  it('prints the SQL of an outbox under any names', () => {
    const { status, stdout } = run(['sql'], {
      OUTBOX_SCHEMA: 'shop',
      OUTBOX_TABLE: 'Messages',
      OUTBOX_ROLE: 'shop_relay',
    })
    expect(status).to.equal(0)
    expect(stdout).to.include('CREATE TABLE "shop"."Messages" (')
    expect(stdout).to.include('CREATE PUBLICATION "shop_outbox" FOR TABLE "shop"."Messages"')
    expect(stdout).to.include('GRANT SELECT, DELETE ON "shop"."Messages" TO "shop_relay";')
  })

  it('prints the publications of shards, with the rest or for a table that is there', () => {
    const env = { OUTBOX_SCHEMA: 'shop', RELAY_SHARDS: '2' }
    const filter = '(get_byte(sha256(COALESCE(key, int8send(id))), 0) % 2)'
    const shards = [1, 2]
      .map(
        (number) =>
          `CREATE PUBLICATION "shop_outbox_${number}of2" FOR TABLE "shop"."outbox" WHERE (${filter} = ${number - 1}) WITH (publish = 'insert');\n`,
      )
      .join('')
    expect(run(['sql', 'shards'], env).stdout).to.equal(shards)
    expect(run(['sql'], env).stdout)
      .to.include(shards)
      .and.to.include('CREATE PUBLICATION "shop_outbox" FOR TABLE "shop"."outbox" WITH')
    expect(run(['sql', 'shards']).stdout).to.equal('')
  })

  it('refuses a name that PostgreSQL would cut off', () => {
    const { status, stderr, stdout } = run(['sql'], { OUTBOX_TABLE: 'x'.repeat(57) })
    expect({ status, stdout }).to.deep.equal({ status: 1, stdout: '' })
    expect(stderr).to.match(/^OUTBOX_TABLE is "x+"; it takes a letter or underscore, then at most 55/)
  })

  it('lists every setting with its default', () => {
    const { stdout } = run(['--help'])
    expect(stdout).to.include('  KAFKA_BROKERS  (required)\n')
    expect(stdout).to.include('  BATCH_ROWS_MAX  (default 500)\n      an integer from 1 to 10000 (rows)\n')
    expect(stdout).to.include('  KAFKA_TLS_CA_FILE  (optional)\n')
  })

  it('names a command that it does not have', () => {
    const { status, stderr } = run(['sql', 'now'])
    expect(status).to.equal(2)
    expect(stderr).to.match(/^outbox-relay has no command sql now\.\n\n/)
  })
})

function run(args: readonly string[], env: Record<string, string> = {}) {
  return spawnSync(process.execPath, [bin, ...args], {
    env: { PATH: process.env.PATH, ...env },
    encoding: 'utf8',
    timeout: 30_000,
  })
}
