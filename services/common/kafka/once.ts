/** Runs `work` at the first call and never again: a repair of KafkaJS is the process's, however many clients it makes. */
export function once(work: () => void): () => void {
  let isDone = false
  return () => {
    if (isDone) return
    isDone = true
    work()
  }
}
