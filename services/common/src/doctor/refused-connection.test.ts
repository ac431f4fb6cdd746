import { expect } from 'chai'
import { textOf } from './finding.ts'
import { refusedConnection } from './refused-connection.ts'

describe('What is advised where PostgreSQL lets nobody in', () => {
  const advised = (code: string, message: string): string =>
    textOf(refusedConnection('db:5432', Object.assign(new Error(message), { code })))

  it('is TLS, where its pg_hba.conf has an entry for that alone', () => {
    const message = 'no pg_hba.conf entry for host "10.0.0.1", user "ada", database "postgres", no encryption'
    expect(advised('28000', message)).to.match(/no encryption\)\. .*sslmode=require/)
  })

  it('is its pg_hba.conf, where TLS is spoken already or the role is not there', () => {
    for (const message of [
      'no pg_hba.conf entry for host "10.0.0.1", user "ada", database "postgres", SSL encryption',
      'role "ada" does not exist',
    ])
      expect(advised('28000', message))
        .to.match(/add a line to pg_hba\.conf/)
        .and.not.include('sslmode')
  })

  it('is to start it, where it does not answer', () => {
    expect(advised('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:1')).to.include(
      'Start it or correct DATABASE_URL',
    )
  })
})
