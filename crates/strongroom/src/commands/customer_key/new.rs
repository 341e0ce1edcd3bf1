//! `strongroom key new`: generates a customer key and shows it in the form each client needs.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use strongroom_keys::customer_key::CustomerKey;
use zeroize::Zeroizing;

use super::{random, random_text};
use crate::files::private_file;
use crate::randomness::NoRandomness;
use crate::terminal::shell::quoted;

/// Reasons why no key was generated.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NewKeyError {
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    #[error(
        "{} exists already, and key files are never overwritten, because everything encrypted with that key would be \
         lost; choose another name", path.display()
    )]
    Exists { path: PathBuf },
    #[error("cannot write the key file {}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("cannot write the output")]
    Output(#[source] io::Error),
}

/// Generates a key (of characters if `text`), writes it to `out` if given, and shows it on `output`.
pub(crate) fn run(
    text: bool,
    out: Option<&Path>,
    fill: impl FnMut(&mut [u8]) -> Result<(), NoRandomness>,
    output: &mut impl Write,
) -> Result<(), NewKeyError> {
    let key = if text { random_text(fill)? } else { random(fill)? };
    if let Some(path) = out {
        private_file::create(path, key.bytes()).map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => NewKeyError::Exists {
                path: path.to_owned(),
            },
            _ => NewKeyError::File {
                path: path.to_owned(),
                source,
            },
        })?;
    }
    output
        .write_all(show(&key, out).as_bytes())
        .map_err(NewKeyError::Output)
}

/// Formats the key in every form.
fn show(key: &CustomerKey, file: Option<&Path>) -> Zeroizing<String> {
    // Allocate room for the whole text: growing would leave copies of the key behind that are not wiped.
    let mut page = Zeroizing::new(String::with_capacity(8192));
    let (base64, hex, md5) = (key.base64(), key.hex(), key.md5());
    let (base64, hex) = (base64.as_str(), hex.as_str());
    page.push_str(match key.as_text() {
        Some(_) => "A new customer key for SSE-C: 32 random letters and digits, 190 bits of strength.\n",
        None => "A new customer key for SSE-C: 32 random bytes, 256 bits of strength.\n",
    });
    match file {
        Some(path) => line(
            &mut page,
            &[
                "It is stored in ",
                &path.display().to_string(),
                ", readable only by you; keep a copy elsewhere.",
            ],
        ),
        None => {
            page.push_str("It is stored nowhere: this text is the only copy (--out FILE would store it).\n");
        }
    }
    page.push_str("The server never stores it: without it, nobody can read the data encrypted with it.\n\n");
    if let Some(text) = key.as_text() {
        line(&mut page, &["characters  ", text]);
    }
    line(&mut page, &["base64      ", base64]);
    line(&mut page, &["hex         ", hex]);
    line(&mut page, &["MD5         ", &md5]);
    if let Some(path) = file {
        line(&mut page, &["file        ", &path.display().to_string()]);
    }
    page.push_str(
        "(base64 for the HTTP header, hex for a copy on paper, MD5 as clients show it: SSECustomerKeyMD5)\n",
    );

    page.push_str("\nAWS CLI\n");
    aws_cli(&mut page, key, base64, file);

    page.push_str("\nboto3\n");
    if let Some(text) = key.as_text() {
        line(&mut page, &["  key = \"", text, "\""]);
    } else {
        line(&mut page, &["  import base64"]);
        line(&mut page, &["  key = base64.b64decode(\"", base64, "\")"]);
    }
    page.push_str("  s3.put_object(Bucket=\"BUCKET\", Key=\"NAME\", Body=data, SSECustomerAlgorithm=\"AES256\", SSECustomerKey=key)\n");
    page.push_str("  s3.get_object(Bucket=\"BUCKET\", Key=\"NAME\", SSECustomerAlgorithm=\"AES256\", SSECustomerKey=key)\n");

    page.push_str("\nrclone (in the remote's section of rclone.conf)\n  sse_customer_algorithm = AES256\n");
    line(&mut page, &["  sse_customer_key_base64 = ", base64]);

    page.push_str("\ncurl (in addition to --aws-sigv4 and --user)\n");
    line(
        &mut page,
        &["  -H 'x-amz-server-side-encryption-customer-algorithm: AES256' \\"],
    );
    line(
        &mut page,
        &[
            "  -H 'x-amz-server-side-encryption-customer-key: ",
            base64,
            "' \\",
        ],
    );
    line(
        &mut page,
        &["  -H 'x-amz-server-side-encryption-customer-key-MD5: ", &md5, "'"],
    );
    page
}

/// Adds commands that store and fetch with the key: from its file if there is one, otherwise as text if it is text.
fn aws_cli(page: &mut String, key: &CustomerKey, base64: &str, file: Option<&Path>) {
    let in_file = file.map(|path| quoted(&format!("fileb://{}", path.display())));
    let argument = match (&in_file, key.as_text()) {
        (Some(in_file), _) => in_file,
        (None, Some(text)) => {
            page.push_str(
                "  Other users of this machine can see a key on a command line while the command runs. If there are\n  \
                 other users, generate a key in a file instead: `strongroom key new --text --out customer.key`.\n",
            );
            text
        }
        (None, None) => {
            page.push_str(
                "  The AWS CLI expects the 32 raw bytes, which cannot go on a command line. Store them in a file:\n",
            );
            line(
                page,
                &[
                    "    (umask 077; printf %s ",
                    base64,
                    " | base64 -d > customer.key)",
                ],
            );
            page.push_str(
                "  or next time run `strongroom key new --out customer.key`. To get a key of 32 characters that can be\n  \
                 passed directly, run `strongroom key new --text`.\n",
            );
            "fileb://customer.key"
        }
    };
    for (command, flags) in [
        (
            "aws s3api put-object --bucket BUCKET --key NAME --body FILE",
            "--sse-customer-algorithm AES256 --sse-customer-key",
        ),
        (
            "aws s3api get-object --bucket BUCKET --key NAME FILE",
            "--sse-customer-algorithm AES256 --sse-customer-key",
        ),
        ("aws s3 cp FILE s3://BUCKET/NAME", "--sse-c AES256 --sse-c-key"),
    ] {
        line(page, &["  ", command, " ", flags, " ", argument]);
    }
}

/// Appends the pieces and a line end directly to the page, so that no other copy of a key is left in memory.
fn line(page: &mut String, pieces: &[&str]) {
    for piece in pieces {
        page.push_str(piece);
    }
    page.push('\n');
}
