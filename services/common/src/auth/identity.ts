/** The caller, as the token identifies it. */
export interface Identity {
  /** 1 to 128 printable ASCII characters. */
  readonly subject: string
  readonly roles: ReadonlySet<string>
}
