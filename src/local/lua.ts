import { createHash } from "node:crypto";
import type { State } from "fengari";
import { RedisError, type Reply } from "./redis-store.ts";
import { integer } from "./redis-words.ts";

// Redis has Lua 5.1, where 6/2 prints as 3; fengari has 5.3 and must be told before it is loaded.
process.env.FENGARICONF = JSON.stringify({ LUA_COMPAT_FLOATSTRING: true });
const { lauxlib, lua, lualib, to_jsstring, to_luastring } = await import("fengari");

/** Runs one Redis command, on behalf of a script. */
export type Call = (words: string[]) => Reply;

/** Scripts by the SHA-1 of their text: EVAL, EVALSHA, SCRIPT LOAD. A script runs alone, as everything here does. */
export interface Scripts {
  load(source: string): string;
  has(sha: string): boolean;
  run(sha: string, args: string[], call: Call): Reply;
}

// fengari's integers have 32 bits: times in milliseconds would wrap. All numbers a script meets are made floats.
const prelude = `
local read = tonumber
function tonumber(text, base)
  local number = read(text, base)
  return number and number + 0.0
end
function redis.error_reply(text) return { err = text } end
function redis.status_reply(text) return { ok = text } end
unpack = table.unpack
KEYS, ARGV = {}, {}
os, io, require, dofile, loadfile, package, print = nil, nil, nil, nil, nil, nil, nil
setmetatable(_G, {
  __newindex = function(_, name) error("Attempt to modify a readonly table: global '" .. tostring(name) .. "'", 2) end,
})`;

export function openScripts(): Scripts {
  const sources = new Map<string, string>();
  const state = lauxlib.luaL_newstate();
  lualib.luaL_openlibs(state);
  let current: Call = () => null;
  lua.lua_newtable(state);
  define(state, "call", (inner) => called(inner, current, "raise"));
  define(state, "pcall", (inner) => called(inner, current, "return"));
  define(state, "sha1hex", (inner) => {
    push(inner, sha1(text(inner, 1)));
    return 1;
  });
  lua.lua_setglobal(state, to_luastring("redis"));
  check(state, lauxlib.luaL_loadstring(state, to_luastring(prelude)) || lua.lua_pcall(state, 0, 0, 0));
  return {
    load(source) {
      check(state, lauxlib.luaL_loadstring(state, to_luastring(source)), "Error compiling script (new function): ");
      lua.lua_settop(state, 0);
      const sha = sha1(source);
      sources.set(sha, source);
      return sha;
    },
    has: (sha) => sources.has(sha.toLowerCase()),
    run(sha, args, call) {
      const source = sources.get(sha.toLowerCase());
      if (source === undefined) throw new RedisError("NOSCRIPT No matching script. Please use EVAL.");
      current = call;
      return evaluate(state, source, args);
    },
  };
}

function evaluate(state: State, source: string, [count = "", ...args]: string[]): Reply {
  const keyCount = integer(count);
  if (keyCount < 0) throw new RedisError("ERR Number of keys can't be negative");
  if (keyCount > args.length) throw new RedisError("ERR Number of keys can't be greater than number of args");
  try {
    setList(state, "KEYS", args.slice(0, keyCount));
    setList(state, "ARGV", args.slice(keyCount));
    lauxlib.luaL_loadstring(state, to_luastring(source));
    check(state, lua.lua_pcall(state, 0, 1, 0));
    return read(state, -1);
  } finally {
    lua.lua_settop(state, 0);
  }
}

function define(state: State, name: string, call: (state: State) => number): void {
  lua.lua_pushcfunction(state, call);
  lua.lua_setfield(state, -2, to_luastring(name));
}

/** `redis.call` raises an error of Redis as a table, so that `check` below can give its text back unchanged. */
function called(state: State, call: Call, onError: "raise" | "return"): number {
  try {
    push(state, call(Array.from({ length: lua.lua_gettop(state) }, (_, at) => text(state, at + 1))));
  } catch (error) {
    if (!(error instanceof RedisError)) throw error;
    pushField(state, "err", error.message);
    if (onError === "raise") return lua.lua_error(state);
  }
  return 1;
}

function text(state: State, index: number): string {
  const type = lua.lua_type(state, index);
  if (type === lua.LUA_TNUMBER) return String(lua.lua_tonumber(state, index));
  if (type === lua.LUA_TSTRING) return to_jsstring(lua.lua_tostring(state, index));
  throw new RedisError("ERR Lua redis lib command arguments must be strings or integers");
}

function setList(state: State, name: string, items: string[]): void {
  push(state, items);
  lua.lua_setglobal(state, to_luastring(name));
}

function push(state: State, reply: Reply): void {
  if (reply === null) lua.lua_pushboolean(state, false);
  else if (typeof reply === "number") lua.lua_pushnumber(state, reply);
  else if (typeof reply === "string") lua.lua_pushstring(state, to_luastring(reply));
  else if (Array.isArray(reply)) pushList(state, reply);
  else pushField(state, "ok", reply.status);
}

function pushList(state: State, replies: Reply[]): void {
  lua.lua_newtable(state);
  for (const [at, item] of replies.entries()) {
    push(state, item);
    lua.lua_rawseti(state, -2, at + 1);
  }
}

/** A new table with one field: how Redis shows scripts a status and an error. */
function pushField(state: State, name: "ok" | "err", value: string): void {
  lua.lua_newtable(state);
  push(state, value);
  lua.lua_setfield(state, -2, to_luastring(name));
}

/** What a script gives back, by the rules of Redis: a fraction is cut off, a list ends at its first nil, false is nil. */
function read(state: State, index: number): Reply {
  const type = lua.lua_type(state, index);
  if (type === lua.LUA_TSTRING) return to_jsstring(lua.lua_tostring(state, index));
  if (type === lua.LUA_TNUMBER) return Math.trunc(lua.lua_tonumber(state, index));
  if (type === lua.LUA_TBOOLEAN) return lua.lua_toboolean(state, index) ? 1 : null;
  if (type !== lua.LUA_TTABLE) return null;
  const failure = field(state, "err");
  if (failure !== undefined) throw new RedisError(failure);
  const status = field(state, "ok");
  return status === undefined ? readList(state) : { status };
}

function readList(state: State): Reply[] {
  const items: Reply[] = [];
  for (let at = 1; lua.lua_rawgeti(state, -1, at) !== lua.LUA_TNIL; at += 1) {
    items.push(read(state, -1));
    lua.lua_pop(state, 1);
  }
  lua.lua_pop(state, 1);
  return items;
}

/** A text field of the table on top. */
function field(state: State, name: string): string | undefined {
  const type = lua.lua_getfield(state, -1, to_luastring(name));
  const value = type === lua.LUA_TSTRING ? to_jsstring(lua.lua_tostring(state, -1)) : undefined;
  lua.lua_pop(state, 1);
  return value;
}

/** @throws RedisError with what lies on the stack, unless `status` is fine */
function check(state: State, status: number, prefix = ""): void {
  if (status === lua.LUA_OK) return;
  const isTable = lua.lua_type(state, -1) === lua.LUA_TTABLE;
  const message = isTable
    ? (field(state, "err") ?? "ERR script")
    : `ERR ${prefix}${to_jsstring(lua.lua_tostring(state, -1))}`;
  lua.lua_settop(state, 0);
  throw new RedisError(message);
}

function sha1(source: string): string {
  return createHash("sha1").update(source).digest("hex");
}
