import { createPrivateKey, X509Certificate } from 'node:crypto'
import { ChannelCredentials, experimental, ServerCredentials } from '@grpc/grpc-js'
import type { grpcClientSettings, grpcServerSettings } from '../config/connection-settings.ts'
import { openSecretFile } from '../config/secret-file.ts'
import type { Settings } from '../config/settings.ts'

export type { ChannelCredentials }

/** Files in PEM. */
export interface ServerTls {
  /** The server's certificate, and those between it and the CA. */
  readonly certificateFile: string
  readonly keyFile: string
}

/** The files of `GRPC_TLS_CERT_FILE` and `GRPC_TLS_KEY_FILE`; plain text without them. */
export function serverTls(config: Settings<typeof grpcServerSettings>): ServerTls | undefined {
  const { grpcTlsCertFile: certificateFile, grpcTlsKeyFile: keyFile } = config
  return certificateFile === undefined || keyFile === undefined ? undefined : { certificateFile, keyFile }
}

/** A client's credentials by `GRPC_TLS_CA_FILE`. */
export function channelCredentials(config: Settings<typeof grpcClientSettings>): ChannelCredentials {
  return clientCredentials(config.grpcTlsCaFile)
}

/** Credentials of a server: each handshake uses the certificate that the files have then. Plain text without `tls`. */
export function serverCredentials(tls: ServerTls | undefined): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure()
  const certificate = openSecretFile(tls.certificateFile)
  const key = openSecretFile(tls.keyFile)
  const watch = watchFiles(
    () => [certificate.read(), key.read()],
    ([certificate = '', privateKey = '']) => {
      // One file is replaced before the other: until they fit, the previous pair stays in force.
      if (!new X509Certificate(certificate).checkPrivateKey(createPrivateKey(privateKey))) return undefined
      return { certificate: Buffer.from(certificate), privateKey: Buffer.from(privateKey) }
    },
  )
  const provider: experimental.CertificateProvider = {
    ...unwatched,
    addIdentityCertificateListener: watch.add,
    removeIdentityCertificateListener: watch.remove,
  }
  // grpc-js declares the first two parameters the wrong way round: the server's own certificate comes first.
  return experimental.createCertificateProviderServerCredentials(provider, null, false)
}

/** Credentials of a client that trusts the CAs that the file has at each handshake. Plain text without a file. */
export function clientCredentials(caFile: string | undefined): ChannelCredentials {
  if (caFile === undefined) return ChannelCredentials.createInsecure()
  const ca = openSecretFile(caFile)
  const watch = watchFiles(
    () => [ca.read()],
    ([text = '']) => ({ caCertificate: Buffer.from(text) }),
  )
  const provider: experimental.CertificateProvider = {
    ...unwatched,
    addCaCertificateListener: watch.add,
    removeCaCertificateListener: watch.remove,
  }
  return experimental.createCertificateProviderChannelCredentials(provider, null)
}

type Listener<Update> = (update: Update | null) => void

/** A replaced file is noticed within this time. */
const lookAgainMs = 1_000

const unwatched: experimental.CertificateProvider = {
  addCaCertificateListener() {},
  removeCaCertificateListener() {},
  addIdentityCertificateListener() {},
  removeIdentityCertificateListener() {},
}

/**
 * Notifies listeners of the files' content, at once and after each change. (grpc-js's own file watcher rejects every
 * caller while a file is missing or the key does not fit.)
 *
 * @param toUpdate - makes the update from the texts; undefined, or an error, if they are not usable
 */
function watchFiles<Update>(
  read: () => readonly string[],
  toUpdate: (texts: readonly string[]) => Update | undefined,
): { add(listener: Listener<Update>): void; remove(listener: Listener<Update>): void } {
  const listeners = new Set<Listener<Update>>()
  let seen: readonly string[] = []
  let latest: Update | undefined
  let timer: NodeJS.Timeout | undefined

  const look = (): void => {
    const texts = read()
    if (texts.every((text, index) => text === seen[index])) return
    seen = texts
    const update = usable(texts)
    if (update === undefined) return
    latest = update
    for (const listener of listeners) listener(update)
  }
  const usable = (texts: readonly string[]): Update | undefined => {
    try {
      return toUpdate(texts)
    } catch {
      // Half written: the next look finds the whole file.
      return undefined
    }
  }
  return {
    add(listener) {
      look()
      listeners.add(listener)
      // Deferred, because the listener is not wired yet.
      process.nextTick(() => listener(latest ?? null))
      timer ??= setInterval(look, lookAgainMs).unref()
    },
    remove(listener) {
      listeners.delete(listener)
      if (listeners.size > 0) return
      clearInterval(timer)
      timer = undefined
    },
  }
}
