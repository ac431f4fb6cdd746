import { expect } from 'chai'
import { type CertificateAuthority, createAuthority } from '../../../../scripts/platform/certificates.ts'
import { createSecretFolder, type SecretFolder } from '../testing/secret-folder.ts'
import {
  databaseSettings,
  grpcClientSettings,
  grpcServerSettings,
  kafkaSettings,
} from './connection-settings.ts'
import { ConfigError, readSettings } from './settings.ts'

describe('the settings of connections', () => {
  const spec = { ...kafkaSettings, ...databaseSettings, ...grpcServerSettings, ...grpcClientSettings }
  const needed = { KAFKA_BROKERS: 'a:1', DATABASE_URL: 'postgres://payment@db/payment' }
  let folder: SecretFolder
  let authority: CertificateAuthority
  let ca: string
  let password: string

  const problemsOf = (env: Record<string, string>): readonly string[] => {
    try {
      readSettings({ ...needed, ...env }, spec)
    } catch (error) {
      if (error instanceof ConfigError) return error.problems
    }
    return []
  }

  before(async () => {
    folder = await createSecretFolder()
    authority = await createAuthority('test')
    ca = await folder.put('ca.crt', authority.certificate)
    password = await folder.put('password', 's3cret\n')
  })
  after(() => folder.remove())

  it('may all be left out: plain text, no users, reflection on', () => {
    expect(readSettings(needed, spec)).to.include({
      kafkaTlsCaFile: undefined,
      kafkaSaslUsername: undefined,
      databasePasswordFile: undefined,
      databaseTlsCaFile: undefined,
      grpcTlsCertFile: undefined,
      grpcTlsCaFile: undefined,
      grpcReflection: true,
    })
  })

  it('accept files with the right content', async () => {
    const { certificate, privateKey } = await authority.issue('payment', ['localhost'])
    const env = {
      KAFKA_TLS_CA_FILE: ca,
      KAFKA_SASL_USERNAME: 'payment',
      KAFKA_SASL_PASSWORD_FILE: password,
      DATABASE_PASSWORD_FILE: password,
      DATABASE_TLS_CA_FILE: ca,
      // A chain, and two CAs while one replaces the other.
      GRPC_TLS_CERT_FILE: await folder.put('chain.crt', `${certificate}\n${authority.certificate}\n`),
      GRPC_TLS_KEY_FILE: await folder.put('tls.key', privateKey),
      GRPC_TLS_CA_FILE: await folder.put('two.crt', `${authority.certificate}\n${authority.certificate}\n`),
      GRPC_REFLECTION: 'false',
    }
    expect(problemsOf(env)).to.deep.equal([])
  })

  it('refuse a missing or wrong file, with the variable and what it takes', async () => {
    const rubbish = await folder.put('rubbish', 'line 1\nline 2\n')
    const env = {
      KAFKA_TLS_CA_FILE: '/no/such/file',
      KAFKA_SASL_USERNAME: 'payment',
      KAFKA_SASL_PASSWORD_FILE: rubbish,
      DATABASE_PASSWORD_FILE: await folder.put('empty', '\n'),
      DATABASE_TLS_CA_FILE: rubbish,
      GRPC_TLS_CERT_FILE: ca,
      GRPC_TLS_KEY_FILE: ca,
    }
    expect(problemsOf(env)).to.deep.equal([
      'KAFKA_TLS_CA_FILE is "/no/such/file"; it takes the path of a PEM file with certificates.',
      `KAFKA_SASL_PASSWORD_FILE is "${rubbish}"; it takes the path of a file with a password.`,
      `DATABASE_PASSWORD_FILE is "${env.DATABASE_PASSWORD_FILE}"; it takes the path of a file with a password.`,
      `DATABASE_TLS_CA_FILE is "${rubbish}"; it takes the path of a PEM file with certificates.`,
      `GRPC_TLS_KEY_FILE is "${ca}"; it takes the path of a PEM file with a private key.`,
    ])
  })

  it('refuse half a pair', async () => {
    const { certificate, privateKey } = await authority.issue('payment', ['localhost'])
    const half = (variable: string, other: string): string =>
      `${variable} is set and ${other} is not; they are set together or not at all.`
    expect(problemsOf({ GRPC_TLS_CERT_FILE: await folder.put('tls.crt', certificate) })).to.deep.equal([
      half('GRPC_TLS_CERT_FILE', 'GRPC_TLS_KEY_FILE'),
    ])
    expect(problemsOf({ GRPC_TLS_KEY_FILE: await folder.put('tls.key', privateKey) })).to.deep.equal([
      half('GRPC_TLS_KEY_FILE', 'GRPC_TLS_CERT_FILE'),
    ])
    expect(problemsOf({ KAFKA_SASL_USERNAME: 'payment' })).to.deep.equal([
      half('KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD_FILE'),
    ])
    expect(problemsOf({ KAFKA_SASL_PASSWORD_FILE: password })).to.deep.equal([
      half('KAFKA_SASL_PASSWORD_FILE', 'KAFKA_SASL_USERNAME'),
    ])
  })

  it('refuse settings that do not fit together: a key of another certificate, two passwords', async () => {
    const [first, second] = [await authority.issue('a', ['a']), await authority.issue('b', ['b'])]
    const pair = {
      GRPC_TLS_CERT_FILE: await folder.put('one.crt', first.certificate),
      GRPC_TLS_KEY_FILE: await folder.put('other.key', second.privateKey),
    }
    expect(problemsOf(pair)).to.deep.equal([
      'GRPC_TLS_KEY_FILE is not the key of the certificate in GRPC_TLS_CERT_FILE; the two belong together.',
    ])
    const twice = { DATABASE_URL: 'postgres://a:hunter2@db/a', DATABASE_PASSWORD_FILE: password }
    expect(problemsOf(twice)).to.deep.equal([
      'DATABASE_PASSWORD_FILE is set and DATABASE_URL has a password too; only one of them may say it.',
    ])
  })
})
