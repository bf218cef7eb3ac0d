-- The databases of Redash and of the tables, on a new PostgreSQL: who logs in, and what each may.
-- The image of PostgreSQL runs this once, as the superuser, when its volume is empty. The passwords stand in its environment.
\set ON_ERROR_STOP on
\getenv redash_password REDASH_DB_PASSWORD
\getenv loader_password TTS_LOADER_PASSWORD
\getenv reader_password TTS_READER_PASSWORD

-- The groups that `tts-etl migrate --create-roles` gives rights to: made here, so that the loader needs no right to make roles.
CREATE ROLE tts_etl NOLOGIN;
CREATE ROLE tts_read NOLOGIN;
CREATE ROLE tts_owner NOLOGIN;

CREATE ROLE redash LOGIN PASSWORD :'redash_password';
CREATE ROLE voxmeter LOGIN PASSWORD :'loader_password' IN ROLE tts_etl;
CREATE ROLE tts_reader LOGIN PASSWORD :'reader_password' IN ROLE tts_read CONNECTION LIMIT 20;
-- What a dashboard asks is over in seconds; what is not was a mistake.
ALTER ROLE tts_reader SET default_transaction_read_only = on;
ALTER ROLE tts_reader SET statement_timeout = '120s';

CREATE DATABASE redash OWNER redash;
CREATE DATABASE tts OWNER voxmeter;
REVOKE ALL ON DATABASE redash, tts, postgres, template1 FROM PUBLIC;
GRANT CONNECT ON DATABASE tts TO tts_read, tts_owner;
