import type { ButtonHTMLAttributes } from "preact";
import { Icon, type IconName } from "./icon.tsx";

type Native = Omit<ButtonHTMLAttributes<HTMLButtonElement>, "icon">;

interface ButtonProps extends Native {
  kind?: "primary" | "plain" | "danger";
  isBusy?: boolean;
}

export function Button({ kind = "plain", isBusy = false, type = "button", children, ...rest }: ButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      class={`button ${kind}`}
      aria-busy={isBusy}
      disabled={rest.disabled === true || isBusy}
    >
      {children}
    </button>
  );
}

interface IconButtonProps extends Native {
  icon: IconName;
  /** What it does, for those who do not see it, and as its tooltip. */
  label: string;
  size?: number;
}

export function IconButton({ icon, label, size = 24, type = "button", ...rest }: IconButtonProps) {
  return (
    <button {...rest} type={type} class={`icon-button ${rest.class ?? ""}`} aria-label={label} title={label}>
      <Icon name={icon} size={size} />
    </button>
  );
}
