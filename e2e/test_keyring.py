"""The keyring: what seals it, the commands that change it, and a server that takes the changes up."""

import base64
import json
import random
import stat
import subprocess
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor

import pytest

import keyring_file
import vectors
from raw import path_of, send, wait_until
from server import BINARY, environment, run

CONTENT = b"the content" * 20_000
WORDS = "correct horse battery staple"


class Vault:
    """A server of one's own with an object in it, and commands for its keyring."""

    def __init__(self, server):
        self.server, self.file = server, server.data_dir / "keyring.toml"
        self.root = server.data_dir / "root.key"
        server.s3().create_bucket(Bucket="bucket")
        assert send(server, "PUT", path_of("bucket", "k"), body=CONTENT).status == 200

    def keys(self, *arguments, **variables):
        """Runs `strongroom keys`, without a terminal."""
        return subprocess.run(
            [BINARY, "keys", *map(str, arguments), "--data-dir", self.server.data_dir],
            cwd=self.server.place,
            env=environment(**variables),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            start_new_session=True,
        )

    def done(self, *arguments, **variables):
        """The output of a command that must succeed."""
        done = self.keys(*arguments, **variables)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def refused(self, *arguments, **variables):
        """What is said by a command that must not succeed."""
        done = self.keys(*arguments, **variables)
        assert done.returncode == 1 and not done.stdout, done.stdout
        return done.stderr

    def list(self, *flags):
        return json.loads(self.done("list", "--json", *flags))

    def is_readable(self):
        return send(self.server, "GET", path_of("bucket", "k")).body == CONTENT

    def does_not_start(self):
        """Stops the server if it runs, and tells why it does not start again."""
        self.server.stop()
        with pytest.raises(AssertionError, match="the server ended with 1") as refused:
            self.server.start()
        return str(refused.value)

    def starts(self, *flags, **variables):
        """Starts the server with other flags and looks at its object."""
        self.server.stop()
        self.server.flags, self.server.variables = [str(flag) for flag in flags], variables
        self.server.start()
        assert self.is_readable()

    def opened(self):
        return keyring_file.open_keyring(self.file, self.root.read_bytes())


@pytest.fixture
def vault(start_server):
    return Vault(start_server())


def secret_file(path, text):
    path.write_text(text)
    path.chmod(0o600)
    return path


def test_what_a_first_start_makes_is_as_described(vault):
    for file in [vault.file, vault.root]:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(vault.root.read_bytes()) == 32
    keys, told = vault.opened()
    assert [master["state"] for master in told["master"]] == ["current"]
    assert [(named["name"], named["state"]) for named in told["kms"]] == [("default", "enabled")]
    credentials = vault.server.data_dir / "root-credentials.toml"
    assert keyring_file.open_root_credentials(credentials, keys) == vault.server.secret
    assert "strongroom keys export-backup" in vault.server.banner
    assert str(vault.root) in vault.server.banner
    vault.starts()
    assert "export-backup" not in vault.server.banner


def test_list_tells_everything_but_the_keys(vault):
    vault.done("new", "--name", "payroll")
    vault.done("roll")
    keys, told = vault.opened()
    shown = vault.done("list")
    as_json = vault.list()
    assert as_json["root"] == {"kind": "key", "fingerprint": vectors.fingerprint(vault.root.read_bytes())}
    assert [master["id"] for master in as_json["master"]] == [master["id"] for master in told["master"]]
    assert [named["label"] for named in as_json["kms"]] == ["default", "payroll"]
    for name, key in keys.items():
        assert name.split("/")[0] in shown and vectors.fingerprint(key) in shown
    everything = shown + json.dumps(as_json) + vault.done("verify") + vault.file.read_text() + vault.server.log()
    for key in [*keys.values(), vault.root.read_bytes()]:
        for form in [key.hex(), base64.b64encode(key).decode().rstrip("=")]:
            assert form.lower() not in everything.lower()


def test_named_keys_by_commands(vault):
    assert "key-1" in vault.done("new")
    assert "payroll" in vault.done("new", "--name", "payroll")
    assert "version 2" in vault.done("roll", "payroll")
    assert "wages" in vault.done("rename", "alias/payroll", "wages")
    assert "disabled" in vault.done("retire", "wages")
    named = {key["label"]: key for key in vault.list()["kms"]}
    assert set(named) == {"default", "key-1", "wages"}
    assert named["wages"]["state"] == "disabled"
    assert [version["number"] for version in named["wages"]["versions"]] == [1, 2]
    assert "enabled" in vault.done("revive", named["wages"]["id"])
    assert [key["state"] for key in vault.list()["kms"]] == ["enabled"] * 3
    keys, _ = vault.opened()
    assert len(keys) == 5


def test_bad_input_is_told_as_such(vault):
    current = vault.list()["master"][0]["id"]
    before = vault.file.read_bytes()
    for arguments, expected in [
        (["new", "--name", "default"], "labels are unique"),
        (["new", "--name", "a b"], "cannot be a label"),
        (["new", "--name", "k-1"], "cannot be a label"),
        (["rename", "nobody", "x"], "strongroom keys list"),
        (["rename", current, "x"], "master key"),
        (["retire", current], "current"),
        (["revive", current], "already"),
        (["revive", "default"], "already"),
        (["roll", "nobody"], "nobody"),
        (["list", "--root-file", "/nowhere"], "there is no root key at /nowhere"),
        (["list", "--root-source", "credential"], "LoadCredential"),
        (["list", "--root-source", "passphrase"], "root.passphrase_file"),
        (["list", "--root-credential", "x"], "goes only with"),
        (["list", "--keyring", "/nowhere/k.toml"], "no keyring at /nowhere/k.toml"),
        (["roll", "--keyring", "/nowhere/k.toml"], "no keyring at /nowhere/k.toml"),
        (["export-backup", "backup"], "--passphrase-file"),
        (["import-backup", "nowhere"], "there is a keyring"),
        (["reseal", "--to-source", "file"], "sealed by that root key already"),
        (["reseal", "--to-source", "file", "--to-credential", "x"], "goes only with"),
    ]:
        assert expected in vault.refused(*arguments), arguments
    for arguments in [["reseal"], ["new", "label"], ["retire"], ["delete"], ["retire", "x", "--delete"]]:
        assert vault.keys(*arguments).returncode == 2, arguments
    assert vault.file.read_bytes() == before


def test_a_server_that_runs_takes_up_a_new_master_key(vault):
    first = vault.list()["master"][0]["id"]
    assert first in vault.done("roll")
    assert wait_until(lambda: "the keyring was changed" in vault.server.log())
    vault.server.s3().create_bucket(Bucket="newer")
    assert send(vault.server, "PUT", path_of("newer", "k"), body=CONTENT).status == 200
    assert vault.is_readable()
    vault.done("retire", first)
    states = [master["state"] for master in vault.list()["master"]]
    assert states == ["retired", "current"]
    vault.starts()
    assert send(vault.server, "GET", path_of("newer", "k")).body == CONTENT


def test_credentials_that_a_new_master_key_seals_are_taken_up(vault):
    vault.done("roll")
    done = run("credentials", "reset", "--data-dir", vault.server.data_dir, cwd=vault.server.place)
    assert done.returncode == 0
    assert wait_until(lambda: "credentials were replaced" in vault.server.log())
    assert "cannot be" not in vault.server.log()


def test_a_keyring_that_cannot_be_taken_up_changes_nothing_and_is_told_once(vault):
    good = vault.file.read_text()
    vault.file.write_text(good.replace('"enabled"', '"disabled"'))
    assert wait_until(lambda: "the keys in use stay" in vault.server.log())
    assert not wait_until(lambda: vault.server.log().count("the keys in use stay") > 1, 5)
    assert vault.is_readable()
    assert "damaged, or was changed" in vault.refused("list")
    assert "damaged, or was changed" in vault.does_not_start()
    vault.file.write_text(good)
    vault.starts()


def test_an_older_keyring_put_back_is_not_taken_up(vault):
    """Nor one in which a version was made anew under the number of a lost one: that would open nothing of the lost."""
    older = vault.file.read_bytes()
    vault.done("roll", "default")
    assert wait_until(lambda: "the keyring was changed" in vault.server.log())
    kms = {"x-amz-server-side-encryption": "aws:kms"}
    assert send(vault.server, "PUT", path_of("bucket", "newer"), headers=kms, body=CONTENT).status == 200
    newest = vault.file.read_bytes()

    def is_refused(count):
        return wait_until(lambda: vault.server.log().count(f"lacks key {version}, which is in use") == count)

    version = vault.list()["kms"][0]["id"] + "/2"
    vault.file.write_bytes(older)
    assert is_refused(1), vault.server.log()
    assert "version 2" in vault.done("roll", "default")
    run("kms", "purge-cache", "--data-dir", vault.server.data_dir, cwd=vault.server.place)
    assert not wait_until(lambda: "the keyring is again the one in use" in vault.server.log(), 5)
    assert send(vault.server, "GET", path_of("bucket", "newer")).body == CONTENT
    vault.file.write_bytes(newest)
    assert wait_until(lambda: "the keyring is again the one in use" in vault.server.log())
    vault.starts()
    assert send(vault.server, "GET", path_of("bucket", "newer")).body == CONTENT


def test_commands_at_once_lose_nothing(vault):
    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(lambda n: vault.keys("new", "--name", f"n{n}"), range(12)))
    assert [done.returncode for done in outcomes] == [0] * 12, [done.stderr for done in outcomes]
    labels = {key["label"] for key in vault.list()["kms"]}
    assert labels == {"default", *(f"n{n}" for n in range(12))}


def test_commands_that_are_killed_leave_a_whole_keyring(vault):
    vault.server.stop()
    delays = random.Random(11)
    before = len(vault.list()["kms"])
    for number in range(20):
        command = [BINARY, "keys", "new", "--name", f"killed-{number}", "--data-dir", vault.server.data_dir]
        process = subprocess.Popen(
            command, cwd=vault.server.place, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(delays.uniform(0, 0.06))
        process.kill()
        process.wait()
        vault.done("verify")
        now = len(vault.list()["kms"])
        assert now in (before, before + 1)
        before = now
    vault.done("new", "--name", "last")
    vault.starts()


def test_without_the_right_root_key_it_does_not_start(vault):
    right = vault.root.read_bytes()
    vault.root.unlink()
    why = vault.does_not_start()
    assert str(vault.root) in why and "import-backup" in why
    assert not vault.root.exists(), "a new root key was made for an old keyring"
    wrong = bytes(32)
    vault.root.write_bytes(wrong)
    assert "can be read by other users" in vault.does_not_start()
    vault.root.chmod(0o600)
    why = vault.does_not_start()
    assert vectors.fingerprint(right) in why and vectors.fingerprint(wrong) in why
    vault.root.write_bytes(right[:31])
    assert "32 random bytes" in vault.does_not_start()
    vault.root.write_bytes(right)
    vault.starts()


def test_a_root_key_on_another_disk(vault, tmp_path):
    place = tmp_path / "stick" / "root.key"
    place.parent.mkdir()
    vault.root.rename(place)
    vault.starts("--root-file", place)
    vault.starts(STRONGROOM_ROOT_FILE=str(place))
    assert f"--root-file {place}" in vault.server.banner
    assert not vault.root.exists()


def test_a_root_key_as_a_credential_of_systemd(vault, tmp_path):
    """The same 32 bytes, so nothing is sealed anew. systemd gives the file any mode it likes."""
    directory = tmp_path / "credentials"
    directory.mkdir()
    vault.root.rename(directory / "strongroom-root")
    (directory / "strongroom-root").chmod(0o440)
    variables = {"CREDENTIALS_DIRECTORY": str(directory)}
    vault.starts("--root-source", "credential", **variables)
    vault.done("roll", "--root-source", "credential", **variables)
    (directory / "strongroom-root").rename(directory / "other")
    assert "strongroom-root" in vault.does_not_start()
    vault.starts("--root-source", "credential", "--root-credential", "other", **variables)


@pytest.mark.parametrize("kept", ["file", "credential"])
def test_a_passphrase(start_server, tmp_path, kept):
    words = secret_file(tmp_path / "words", f"{WORDS}\n")
    flags = ["--root-source", "passphrase"]
    variables = {}
    if kept == "file":
        flags += ["--root-passphrase-file", words]
    else:
        flags += ["--root-passphrase-credential", "words"]
        variables = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    vault = Vault(start_server(*flags, **variables))
    assert not vault.root.exists()
    keys, told = keyring_file.open_keyring(vault.file, keyring_file.root_of(vault.file, WORDS))
    assert told["root"]["kind"] == "passphrase" and len(keys) == 2
    words.write_text(f"{WORDS}s")
    why = vault.does_not_start()
    assert "the passphrase is not the one" in why and WORDS not in why
    words.write_text(WORDS)
    vault.starts(*flags, **variables)
    assert WORDS not in vault.server.log() + vault.server.banner + vault.file.read_text()


def test_a_short_passphrase_is_not_taken(start_server, tmp_path):
    words = secret_file(tmp_path / "words", "short")
    with pytest.raises(AssertionError, match="too short"):
        start_server("--root-source", "passphrase", "--root-passphrase-file", words, name="short")
    assert not (tmp_path / "short" / "data" / "keyring.toml").exists()


def test_moving_to_another_root_key_and_back(vault, tmp_path):
    words = secret_file(tmp_path / "words", WORDS)
    before, _ = vault.opened()
    old = vault.file.read_bytes()
    to = ["--to-source", "passphrase", "--to-passphrase-file", words]
    told = vault.done("reseal", *to)
    assert 'source = "passphrase"' in told and str(words) in told and str(vault.root) in told
    after, _ = keyring_file.open_keyring(vault.file, keyring_file.root_of(vault.file, WORDS))
    assert after == before
    assert wait_until(lambda: "another root key" in vault.server.log()) and vault.is_readable()
    assert "sealed by a passphrase" in vault.does_not_start()
    flags = ["--root-source", "passphrase", "--root-passphrase-file", words]
    vault.starts(*flags)
    new = tmp_path / "new.key"
    vault.done("reseal", *flags, "--to-source", "file", "--to-file", new)
    vault.starts("--root-file", new)
    assert keyring_file.open_keyring(vault.file, new.read_bytes())[0] == before
    # As told: the root key of before opens copies of the keyring as it was.
    vault.server.stop()
    vault.file.write_bytes(old)
    vault.starts()


def version_1(vault):
    """Puts a keyring of version 1 with the same master keys in place of the one there."""
    keys, told = vault.opened()
    masters = [
        f'[[master]]\nid = "{m["id"]}"\nkey = "{base64.b64encode(keys[m["id"]]).decode()}"\n' for m in told["master"]
    ]
    current = next(m["id"] for m in told["master"] if m["state"] == "current")
    vault.file.write_text(f'version = 1\ncurrent = "{current}"\n\n' + "\n".join(masters))
    vault.root.unlink()
    return {name: key for name, key in keys.items() if name.startswith("m-")}


def test_a_keyring_of_version_1_is_sealed_by_the_first_start(vault):
    vault.done("roll")
    vault.server.stop()
    masters = version_1(vault)
    before = vault.file.read_bytes()
    done = run("credentials", "show", "--data-dir", vault.server.data_dir, cwd=vault.server.place)
    assert vault.server.secret.encode() in done.stdout
    assert vault.list()["root"] is None and "version 1" in vault.done("verify")
    assert vault.file.read_bytes() == before and not vault.root.exists(), "looking changed something"
    vault.starts()
    assert "held its keys in clear" in vault.server.log()
    assert "was sealed just now" in vault.server.banner
    keys, told = vault.opened()
    assert {name: key for name, key in keys.items() if name.startswith("m-")} == masters
    assert [master["state"] for master in told["master"]] == ["active", "current"]
    assert [named["name"] for named in told["kms"]] == ["default"]
    for key in masters.values():
        assert base64.b64encode(key).decode() not in vault.file.read_text()
    vault.starts()
    assert "in clear" not in vault.server.log() + vault.server.banner


def test_a_command_that_changes_a_keyring_of_version_1_seals_it(vault):
    vault.server.stop()
    version_1(vault)
    assert "is sealed by a root key now" in vault.done("roll")
    assert tomllib.loads(vault.file.read_text())["version"] == 2
    vault.starts()


def test_a_backup_brings_everything_back(vault, tmp_path):
    vault.done("new", "--name", "payroll")
    vault.done("roll", "payroll")
    vault.done("roll")
    keys, told = vault.opened()
    words = secret_file(tmp_path / "words", WORDS)
    backup = tmp_path / "keyring.backup"
    flags = ["--passphrase-file", words]
    said = vault.done("export-backup", backup, *flags)
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert WORDS not in said + backup.read_text() and "payroll" not in backup.read_text()
    assert keyring_file.open_backup(backup.read_text(), WORDS) == keys
    assert "holds the same keys" in vault.done("verify", "--backup", backup, *flags)
    assert "never overwritten" in vault.refused("export-backup", backup, *flags)

    assert vault.server.stop() == 0
    old_root = vault.root.read_bytes()
    vault.file.unlink()
    vault.root.unlink()
    assert "put it back from your copy" in vault.does_not_start()
    wrong = secret_file(tmp_path / "wrong", f"{WORDS}s")
    assert "not the one of this backup" in vault.refused("import-backup", backup, "--passphrase-file", wrong)
    assert not vault.file.exists()
    # As it comes from paper.
    typed = "\r\n".join(line.upper() if "=" in line else line for line in backup.read_text().splitlines())
    backup.write_text(typed)
    assert "2 master keys and 2 named keys" in vault.done("import-backup", backup, *flags)
    assert vault.root.read_bytes() != old_root
    again, told_again = vault.opened()
    assert again == keys
    for sort in ["master", "kms"]:
        states = [(key["id"], key["state"], key.get("name"), key["created"]) for key in told[sort]]
        assert states == [(key["id"], key["state"], key.get("name"), key["created"]) for key in told_again[sort]]
    vault.starts()


def test_a_backup_with_a_typing_error(vault, tmp_path):
    words = secret_file(tmp_path / "words", WORDS)
    backup = tmp_path / "keyring.backup"
    vault.done("export-backup", backup, "--passphrase-file", words)
    lines = backup.read_text().splitlines()
    at = next(at for at, line in enumerate(lines) if line.startswith("   3  "))
    digit = lines[at][20]
    lines[at] = lines[at][:20] + ("1" if digit == "0" else "0") + lines[at][21:]
    backup.write_text("\n".join(lines))
    assert "line 3 of the backup" in vault.refused("import-backup", backup, "--keyring", tmp_path / "new.toml")
    secret_file(tmp_path / "none", "something else")
    assert "not a backup" in vault.keys("verify", "--backup", tmp_path / "none", "--passphrase-file", words).stderr


def test_a_backup_that_lacks_keys_is_told(vault, tmp_path, start_server):
    words = secret_file(tmp_path / "words", WORDS)
    backup = tmp_path / "keyring.backup"
    flags = ["--backup", backup, "--passphrase-file", words]
    vault.done("export-backup", backup, "--passphrase-file", words)
    vault.done("roll")
    newest = vault.list()["master"][1]["id"]
    done = vault.keys("verify", *flags)
    assert done.returncode == 1 and newest in done.stderr and "make a new one" in done.stderr
    other = Vault(start_server(name="other"))
    done = other.keys("verify", *flags)
    assert done.returncode == 1 and "another keyring" in done.stderr


def test_check_config_shows_the_root_key(tmp_path):
    done = run("check-config", "--root-source", "passphrase", cwd=tmp_path)
    assert done.returncode == 0 and b"asked at the terminal" in done.stdout
    (tmp_path / "strongroom.toml").write_text('[root]\nsource = "credential"\ncredential = "r"\n')
    done = run("check-config", cwd=tmp_path)
    assert done.returncode == 0 and b"root.credential" in done.stdout
    done = run("check-config", cwd=tmp_path, STRONGROOM_ROOT_PASSPHRASE="secret words")
    assert done.returncode == 1 and b"is not known" in done.stderr and b"secret words" not in done.stderr
    assert list(tmp_path.iterdir()) == [tmp_path / "strongroom.toml"]
