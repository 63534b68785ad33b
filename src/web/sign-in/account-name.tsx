/** Whose password it is, for who keeps passwords; nobody sees it. */
export function AccountName({ email }: { email: string }) {
  return <input type="text" autoComplete="username" value={email} readOnly hidden />;
}
