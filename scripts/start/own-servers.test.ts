import { textOf } from '@boxoffice/common/doctor/finding.ts'
import { expect } from 'chai'
import { examineOwnPostgres } from './own-servers.ts'

describe('A DATABASE_URL that is not usable for a connection', () => {
  it('is reported in a sentence if it names a certificate that does not exist', async () => {
    expect(
      await examined('postgres://ada@127.0.0.1:1/postgres?sslmode=verify-full&sslrootcert=/nothing.crt'),
    ).to.match(
      /^problem PostgreSQL at 127\.0\.0\.1:1 cannot be used \(ENOENT.*nothing\.crt.*\)\. .*sslrootcert/,
    )
  })

  it('is reported in a sentence if a percent sign begins no character', async () => {
    expect(await examined('postgres://ada:p%ff@127.0.0.1:1/postgres')).to.match(
      /^problem PostgreSQL at 127\.0\.0\.1:1 cannot be used \(URI malformed\)\. .*%25/,
    )
  })

  async function examined(url: string): Promise<string> {
    const findings = await examineOwnPostgres(url)
    return findings.map((finding) => `${finding.severity} ${textOf(finding)}`).join('\n')
  }
})
