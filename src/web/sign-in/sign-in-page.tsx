export function SignInPage() {
  return <main class="page sign-in" />;
}
