/**
 * Waits for `work` and sends the group heartbeats in the meantime.
 *
 * @param onLost - called when a heartbeat fails: the group rebalances or has expelled this member. `work` is no longer
 *   waited for
 * @throws what the heartbeat threw
 */
export async function withHeartbeats(
  work: Promise<void>,
  heartbeat: () => Promise<void>,
  intervalMs: number,
  onLost: () => void,
): Promise<void> {
  const lost = Promise.withResolvers<never>()
  const timer = setInterval(() => {
    heartbeat().catch((error: unknown) => {
      onLost()
      lost.reject(error)
    })
  }, intervalMs / 2)
  try {
    await Promise.race([work, lost.promise])
  } finally {
    clearInterval(timer)
  }
}
