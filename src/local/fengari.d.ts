/** The part of fengari (Lua 5.3 in JavaScript) that `lua.ts` uses; the package has no types. */
declare module "fengari" {
  export type State = { readonly lua: unique symbol };
  type Text = Uint8Array;
  export function to_luastring(text: string): Text;
  export function to_jsstring(text: Text): string;
  export const lua: {
    LUA_OK: number;
    LUA_TNIL: number;
    LUA_TBOOLEAN: number;
    LUA_TNUMBER: number;
    LUA_TSTRING: number;
    LUA_TTABLE: number;
    lua_error(state: State): never;
    lua_getglobal(state: State, name: Text): number;
    lua_gettop(state: State): number;
    lua_newtable(state: State): void;
    lua_pcall(state: State, args: number, results: number, handler: number): number;
    lua_pop(state: State, count: number): void;
    lua_pushboolean(state: State, value: boolean): void;
    lua_pushcfunction(state: State, call: (state: State) => number): void;
    lua_pushnumber(state: State, value: number): void;
    lua_pushstring(state: State, text: Text): void;
    lua_rawgeti(state: State, index: number, at: number): number;
    lua_rawseti(state: State, index: number, at: number): void;
    lua_getfield(state: State, index: number, name: Text): number;
    lua_setfield(state: State, index: number, name: Text): void;
    lua_setglobal(state: State, name: Text): void;
    lua_settop(state: State, index: number): void;
    lua_toboolean(state: State, index: number): boolean;
    lua_tonumber(state: State, index: number): number;
    lua_tostring(state: State, index: number): Text;
    lua_type(state: State, index: number): number;
  };
  export const lauxlib: {
    luaL_loadstring(state: State, source: Text): number;
    luaL_newstate(): State;
  };
  export const lualib: { luaL_openlibs(state: State): void };
}
