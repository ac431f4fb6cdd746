import { expect } from 'chai'
import { textOf } from './finding.ts'
import { refusedConnection } from './refused-connection.ts'

describe('The advice for a refused connection to PostgreSQL', () => {
  const advised = (code: string, message: string): string =>
    textOf(refusedConnection('db:5432', Object.assign(new Error(message), { code })))

  it('is TLS, if pg_hba.conf has an entry only for TLS', () => {
    const message = 'no pg_hba.conf entry for host "10.0.0.1", user "ada", database "postgres", no encryption'
    expect(advised('28000', message)).to.match(/no encryption\)\. .*sslmode=require/)
  })

  it('is its pg_hba.conf, if TLS is used already or the role does not exist', () => {
    for (const message of [
      'no pg_hba.conf entry for host "10.0.0.1", user "ada", database "postgres", SSL encryption',
      'role "ada" does not exist',
    ])
      expect(advised('28000', message))
        .to.match(/add a line to pg_hba\.conf/)
        .and.not.include('sslmode')
  })

  it('is to start it, if it does not answer', () => {
    expect(advised('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:1')).to.include(
      'Start it or correct DATABASE_URL',
    )
  })
})
