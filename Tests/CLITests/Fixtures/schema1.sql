-- A study of schema 1, as dmo 0.1.0 wrote it before schema 2 existed: Fixtures/moody.c, every third evaluation failed.
PRAGMA application_id = 1684893489;
PRAGMA user_version = 1;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE study (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
INSERT INTO study VALUES('description','{"budget":4,"command":["dmo","run","--plugin",".\/libmoody.so","--search","sobol","--budget","4","--study","v1.dmo","--seed","7","--set","mood=fail","--set","every=3"],"created":"2026-11-21T15:16:06Z","dmoVersion":"0.1.0","fixed":{},"goals":{"constraints":[{"index":1,"label":"g","scale":1,"upper":0}],"objectives":[{"index":0,"label":"f","maximize":false}]},"inProcess":false,"jobs":1,"options":{"every":"3","mood":"fail"},"plugin":{"fingerprint":"4bbc87979e74d678","id":"org.example.moody","name":"Moody","path":"libmoody.so","version":"1.0.0"},"problem":"moody-bowl","search":"sobol","searchOptions":{},"seed":{"value":7},"spec":{"outputs":{"dimension":4,"offsets":[0,1,2],"outputs":[{"columns":0,"count":0,"id":"f","mayBeNaN":false,"name":"","role":{"minimize":{}},"scale":0,"unit":"m2"},{"columns":0,"count":0,"id":"g","mayBeNaN":false,"name":"","role":{"atMost":{"_0":0}},"scale":0,"unit":"m"},{"columns":0,"count":2,"id":"twice","mayBeNaN":false,"name":"","role":{"observe":{}},"scale":0,"unit":""}]},"space":{"dimension":4,"owner":[0,1,2,2],"parameters":[{"columns":0,"count":0,"id":"x","isPeriodic":false,"kind":{"real":{}},"max":5,"min":-5,"name":"","scale":"linear","step":0,"unit":"m"},{"columns":0,"count":0,"id":"y","isPeriodic":false,"kind":{"real":{}},"max":5,"min":-5,"name":"","scale":"linear","step":0,"unit":"m"},{"columns":0,"count":2,"id":"phase","isPeriodic":true,"kind":{"real":{}},"max":3,"min":-3,"name":"","scale":"linear","step":0,"unit":""}]}},"storeObserved":"full","trainerOptions":{}}');
INSERT INTO study VALUES('state','finished');
CREATE TABLE decisions (id INTEGER PRIMARY KEY, after INTEGER NOT NULL, requested INTEGER NOT NULL,
  proposed INTEGER NOT NULL, telemetry TEXT);
INSERT INTO decisions VALUES(1,0,1,1,NULL);
INSERT INTO decisions VALUES(2,1,1,1,NULL);
INSERT INTO decisions VALUES(3,2,1,1,NULL);
INSERT INTO decisions VALUES(4,3,1,1,NULL);
CREATE TABLE evaluations (_id INTEGER PRIMARY KEY, _decision INTEGER NOT NULL, _source TEXT NOT NULL, _seed INTEGER NOT NULL, _fidelity INTEGER NOT NULL, _asked_at REAL NOT NULL, _answer INTEGER UNIQUE, _status TEXT, _message TEXT, _cost REAL, _wall REAL, _worker INTEGER, _answered_at REAL, _printed TEXT, "x" REAL, "y" REAL, "phase[0]" REAL, "phase[1]" REAL, "f" REAL, "g" REAL, "twice[0]" REAL, "twice[1]" REAL);
INSERT INTO evaluations VALUES(1,1,'sobol',-723598715547094344,0,1795274166.5192923545,1,'ok',NULL,NULL,0.0002609669991215923801,0,1795274166.6004409789,NULL,4.2246514937607422268,-0.95996145471287874784,2.9527825943364991445,1.8976974191247579781,11.48005743189633776,3.264690039047863479,5.9055651886729982891,3.7953948382495159563);
INSERT INTO evaluations VALUES(2,2,'sobol',7920293158636673424,0,1795274166.6007995605,2,'ok',NULL,NULL,0.0027411039991420693695,0,1795274166.6037888527,NULL,-0.19022054879022931572,1.0604985676212645984,-0.55217691946268443459,-1.9203372271020446859,10.783276437174327711,0.87027801883103528268,-1.1043538389253688691,-3.8406744542040893719);
INSERT INTO evaluations VALUES(3,3,'sobol',6992445092704932357,0,1795274166.60414052,3,'failed','no licence',NULL,0.011530476000189082697,0,1795274166.6159193515,NULL,-3.4983409575783763756,-3.161196596196083064,1.3714740239803226984,1.2300064157444499102,NULL,NULL,NULL,NULL);
INSERT INTO evaluations VALUES(4,4,'sobol',-2686243187254859593,0,1795274166.6162915229,4,'ok',NULL,NULL,0.0045703119994868757203,0,1795274166.6211154461,NULL,0.14623015406646899805,3.7465736788116146271,-1.8165544256968417791,-0.44447877923438960934,33.752031995835821477,3.8928038328780836252,-3.6331088513936835582,-0.88895755846877921868);
COMMIT;
