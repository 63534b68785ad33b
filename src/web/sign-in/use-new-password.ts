import { useState } from "preact/hooks";
import { wrongField } from "../ui/errors.ts";
import { hasLength } from "./password-rules.ts";

/** Remembers which passwords the server has turned down as common: only it knows them all. */
export function useNewPassword(value: string) {
  const [refused, setRefused] = useState<readonly string[]>([]);
  /** Runs what hands it to the server. */
  const trying = async <T>(run: () => Promise<T>): Promise<T> => {
    try {
      return await run();
    } catch (error) {
      if (wrongField(error, "password") !== undefined && hasLength(value)) setRefused([...refused, value]);
      throw error;
    }
  };
  return { refused, trying };
}
