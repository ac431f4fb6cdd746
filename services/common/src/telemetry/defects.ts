import { channel } from 'node:diagnostics_channel'

/** An answer that means a fault of this process: INTERNAL, UNKNOWN or DATA_LOSS over gRPC, 500 over HTTP. */
export interface Defect {
  /** The method or route that answered. */
  readonly where: string
  readonly code: string
  readonly error: unknown
}

/** The channel of defects. Tests subscribe to it, and fail; without subscribers it costs nothing. */
export const defects = channel('boxoffice:defect')

export function reportDefect(defect: Defect): void {
  defects.publish(defect)
}
