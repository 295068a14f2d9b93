#!/bin/sh
# Makes what docker-compose.yml needs and nobody may know: an authority, a certificate for each server, the database's password.
# Keeps what is there already. Files are readable inside of the containers, whose users are not yours; the folder is not.
set -eu
cd "$(dirname "$0")"
umask 077
mkdir -p secrets
chmod 700 secrets
cd secrets

if [ ! -e ca.key ]; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -keyout ca.key -out ca.crt \
    -subj "/CN=Sluice compose authority" -addext "keyUsage=critical,keyCertSign,cRLSign" 2>/dev/null
fi

# certificate NAME SUBJECT-ALTERNATIVE-NAMES
certificate() {
  [ ! -e "$1.key" ] || return 0
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -out "$1.csr" -subj "/CN=$1" 2>/dev/null
  printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth\nbasicConstraints=critical,CA:FALSE\n' "$2" > "$1.ext"
  openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 825 -extfile "$1.ext" -out "$1.crt" 2>/dev/null
  rm "$1.csr" "$1.ext"
}
certificate gateway "DNS:gateway-1,DNS:gateway-2,DNS:localhost,IP:127.0.0.1"
certificate database "DNS:database"

if [ ! -e database-password ]; then
  openssl rand -hex 32 | tr -d '\n' > database-password
fi
rm -f database-url
printf 'postgres://sluice:%s@database:5432/sluice?sslmode=verify-full&sslrootcert=/run/secrets/ca' \
  "$(cat database-password)" > database-url

chmod 444 ca.crt gateway.crt gateway.key database.crt database.key database-password database-url
chmod 400 ca.key
echo "deploy/compose/secrets is ready: docker compose up --build --wait"
echo "clients trust deploy/compose/secrets/ca.crt and connect to https://localhost:8443"
