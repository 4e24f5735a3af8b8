import type { ConnectMethod } from "./method.ts";
import { splitWords } from "./words.ts";

/**
 * su. It asks for the password on its standard error and reads it from its standard input when there
 * is no terminal. The prompt is in the language of the account: the words are those by which the
 * languages' own su asks.
 */
export const su: ConnectMethod = {
  name: "su",
  argv(hop, command) {
    return [
      ...splitWords(hop.exe ?? "su"),
      ...splitWords(hop.flags ?? ""),
      hop.user === "" ? "root" : hop.user,
      "-c",
      command,
    ];
  },
  prompt: [
    "[Pp]ass(word|wort|ord)",
    "Adgangskode",
    "[Cc]ontrase(ñ|ny)a",
    "Hasło",
    "Heslo",
    "Jelszó",
    "Lösenord",
    "Mật khẩu",
    "Mot de passe",
    "Parola",
    "Parool",
    "Pasahitza",
    "Salasana",
    "Sandi",
    "Senha",
    "Wachtwoord",
    "Пароль",
    "Парола",
    "Лозинка",
    "パスワード",
    "密码",
    "密碼",
    "口令",
    "암호",
  ]
    .map((words) => `${words} ?(:|：)`)
    .join("|"),
  failed: [["Authentication failure", "Incorrect su password"]],
  pty: false,
};
